// Package wire reads what both versions of Spark Hire's API answer. Hardly a type in
// either is confirmed, so whatever can be read is read, and what is of another type
// than expected stays empty [assumed: docs/vendors/sparkhire.md].
package wire
