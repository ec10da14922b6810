package ats_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func TestRetryLater(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 10, 16, 0, 0, 0, time.FixedZone("", 3600))
	vendor := errors.New("slow down")
	err := fmt.Errorf("publish interview i1: %w", &ats.RetryLaterError{At: at, Err: vendor})
	require.EqualError(t, err, "publish interview i1: come back at 2026-03-10T15:00:00Z: slow down")
	require.ErrorIs(t, err, ats.ErrRateLimited)
	require.ErrorIs(t, err, vendor)
	later, ok := errors.AsType[*ats.RetryLaterError](err)
	require.True(t, ok)
	require.Equal(t, at, later.At)

	alone := &ats.RetryLaterError{At: at}
	require.EqualError(t, alone, "come back at 2026-03-10T15:00:00Z")
	require.ErrorIs(t, alone, ats.ErrRateLimited)
	require.NotErrorIs(t, alone, ats.ErrUnavailable)
}

func TestUnsupportedIsThatOfTheStandardLibraryToo(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, fmt.Errorf("list jobs: %w", ats.ErrUnsupported), errors.ErrUnsupported)
}

func TestKindsAreApart(t *testing.T) {
	t.Parallel()
	kinds := []error{
		ats.ErrNotFound, ats.ErrGone, ats.ErrConflict, ats.ErrInvalid, ats.ErrUnauthorized, ats.ErrForbidden,
		ats.ErrRateLimited, ats.ErrUnavailable, ats.ErrUnsupported, ats.ErrHostCannot,
	}
	for i, a := range kinds {
		for j, b := range kinds {
			require.Equal(t, i == j, errors.Is(a, b), "%v, %v", a, b)
		}
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("submit: %w", ats.Refuse(ats.CodeDoNotEmail, "candidate", "This person is not to be e-mailed."))
	refusal, ok := ats.AsRefusal(err)
	require.True(t, ok)
	require.Equal(t, &ats.Refusal{Code: "do_not_email", Field: "candidate", Message: "This person is not to be e-mailed."}, refusal)
	require.EqualError(t, refusal, "do_not_email: This person is not to be e-mailed.")
	for _, other := range []error{nil, ats.ErrInvalid, errors.New("do_not_email: text")} {
		_, ok := ats.AsRefusal(other)
		require.False(t, ok)
	}
}
