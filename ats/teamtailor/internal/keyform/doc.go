// Package keyform reads what an administrator pastes into the activation form: one
// organization key and a key for each named user, as lines of text.
//
//	Organization: 4c0e-example
//	Asha Lind: 77aa-example
//	Bo Ek: 81bd-example
//
// A form field may drop or replace line breaks, so entries may also be divided by
// ";", "|" or the literal "{ENTER}", or follow one another on a line
// [assumed: docs/vendors/teamtailor.md]. [Parse] reports every problem at once and
// by line number. No problem, error or log value contains a key, nor a name: in a
// form filled in the wrong way round, the name is the key.
package keyform
