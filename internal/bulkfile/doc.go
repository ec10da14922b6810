// Package bulkfile reads requests for interviews from files, in constant memory,
// and writes each as the line that the service's bulk call takes.
//
// # CSV
//
// The first line names the columns, in any order: candidate_id, first_name,
// last_name, email, do_not_email, job_id, job_title, type, due_date, due_time,
// time_zone, question_set_id, message, spark_hire_job_id, requested_for, key. Other names are an error,
// because a misspelled column would be ignored in silence. Values are separated
// by commas, or by semicolons or tabs when the first line is. A value in quotes
// may have line ends in it. Empty values are left out. A byte order mark and
// lines that end with CR LF are tolerated.
//
// # NDJSON
//
// Each line is an object as the API takes it, with or without a key.
//
// # Keys
//
// A request without a key gets one that is made of all its values, so that the
// same file can be sent again and nobody is invited twice. Two equal rows are
// one request for the same reason; who wants to invite somebody again, gives a
// key.
//
// # Bad lines
//
// A line that cannot be read is a [*LineError] with its number and column;
// reading goes on with the next.
package bulkfile
