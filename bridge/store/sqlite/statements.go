package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
)

// parsedMost is how many parsed statements a connection keeps; the ledger has some
// seventy, River some thirty.
const parsedMost = 200

// parsingOnce opens connections that parse each text once. Parsing costs more than
// running for most of our statements, and River prepares none of its own.
type parsingOnce struct{ driver.Connector }

// Connect opens a connection.
func (p parsingOnce) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := c.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("sqlite: the driver's connection lacks a method"), c.Close())
	}
	return &conn{sqliteConn: inner, parsed: make(map[string]sqliteStmt)}, nil
}

// sqliteConn and sqliteStmt are what the driver's connections and statements can.
type (
	sqliteConn interface {
		driver.Conn
		driver.ConnBeginTx
		driver.ConnPrepareContext
		driver.ExecerContext
		driver.QueryerContext
		driver.Pinger
		driver.SessionResetter
		driver.Validator
	}
	sqliteStmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
)

// conn keeps its statements when they are closed. database/sql sees to it that one
// goroutine at a time uses it.
type conn struct {
	sqliteConn
	parsed map[string]sqliteStmt // those not in use
}

// ExecContext runs a text without arguments, which may be several statements. For
// others it makes database/sql prepare them.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) > 0 {
		return nil, driver.ErrSkip
	}
	return c.sqliteConn.ExecContext(ctx, query, args)
}

// QueryContext is as ExecContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if len(args) > 0 {
		return nil, driver.ErrSkip
	}
	return c.sqliteConn.QueryContext(ctx, query, args)
}

// PrepareContext returns a kept statement, or a new one when there is none or it is
// in use.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if s, ok := c.parsed[query]; ok {
		delete(c.parsed, query)
		return &stmt{sqliteStmt: s, conn: c, query: query}, nil
	}
	s, err := c.sqliteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	inner, ok := s.(sqliteStmt)
	if !ok {
		return s, nil
	}
	return &stmt{sqliteStmt: inner, conn: c, query: query}, nil
}

// Close closes the connection and its statements.
func (c *conn) Close() error {
	var errs []error
	for _, s := range c.parsed {
		errs = append(errs, s.Close())
	}
	clear(c.parsed)
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

type stmt struct {
	sqliteStmt
	conn  *conn
	query string
}

// Close gives the statement back.
func (s *stmt) Close() error {
	if _, ok := s.conn.parsed[s.query]; ok || len(s.conn.parsed) >= parsedMost {
		return s.sqliteStmt.Close()
	}
	s.conn.parsed[s.query] = s.sqliteStmt
	return nil
}
