package api

import (
	"net/http"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// entries is the envelope of a search [observed: docs/vendors/topechelon.md].
type entries[T any] struct {
	Pagination struct {
		CurrentPage count `json:"current_page"`
		TotalPages  count `json:"total_pages"`
		TotalCount  count `json:"total_count"`
	} `json:"pagination"`
	Entries []T `json:"entries"`
}

// results is the envelope of a list [observed: docs/vendors/topechelon.md]. Count is
// taken for the number of all records [assumed].
type results[T any] struct {
	Metadata struct {
		ResultSet struct {
			Count count `json:"count"`
		} `json:"resultset"`
	} `json:"metadata"`
	Results []T `json:"results"`
}

// record is a wire type with an id.
type record[W any] interface {
	*W
	identifier() string
}

// pageOf converts the entries of a page. A record without an id cannot be referred to.
func pageOf[W, T any, R record[W]](a *entries[W], number int, convert func(*W) T) (*Page[T], error) {
	items, err := items[W, T, R](a.Entries, convert)
	if err != nil {
		return nil, err
	}
	return &Page[T]{
		Items: items, Number: number,
		Pages: int(a.Pagination.TotalPages), Total: int(a.Pagination.TotalCount),
	}, nil
}

func items[W, T any, R record[W]](from []W, convert func(*W) T) ([]T, error) {
	to := make([]T, len(from))
	for i := range from {
		if R(&from[i]).identifier() == "" {
			return nil, errNoID
		}
		to[i] = convert(&from[i])
	}
	return to, nil
}

// unusable is a success that cannot be used.
func unusable(method, path string, cause error) error {
	return &httpx.Error{
		Method: method, Op: path, Status: http.StatusOK, Attempts: 1, Sent: true,
		Unknown: method != http.MethodGet && !reads(method, path), Err: cause,
	}
}
