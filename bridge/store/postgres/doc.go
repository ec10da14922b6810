// Package postgres is the store for any number of processes on one PostgreSQL.
package postgres
