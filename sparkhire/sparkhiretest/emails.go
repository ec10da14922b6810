package sparkhiretest

import (
	"log/slog"
	"slices"
	"time"
)

// EmailKind says why an e-mail would have been sent.
type EmailKind string

// The kinds of e-mail. Candidates get the first four, the inviting user a notice, reviewers of an advanced share
// link the last.
// [documented for the website: invitation, notice; assumed: the others; docs/vendors/sparkhire.md]
const (
	EmailInvitation  EmailKind = "invitation"
	EmailRescheduled EmailKind = "rescheduled"
	EmailReset       EmailKind = "reset"
	EmailCanceled    EmailKind = "canceled"
	EmailNotice      EmailKind = "notice"
	EmailShared      EmailKind = "shared"
)

// Email is a message that Spark Hire would have sent.
type Email struct {
	To   string
	Kind EmailKind
	// InterviewID is empty for share links that name no interview.
	InterviewID string
	// At is in UTC and whole seconds, like the times of records.
	At time.Time
}

// String leaves the address out.
func (e Email) String() string { return string(e.Kind) + " for interview " + e.InterviewID }

// LogValue implements slog.LogValuer.
func (e Email) LogValue() slog.Value { return slog.StringValue(e.String()) }

// Emails returns every e-mail so far, in the order of sending. Reminders are not simulated.
func (s *Server) Emails() []Email {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mail)
}

// InvitationsTo returns the invitations sent to an address, which is compared without case. More than one for the
// same request is what a careful client must never cause.
func (s *Server) InvitationsTo(email string) []Email {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.invitations[foldAddress(email)])
}

// Invitations returns how many invitations each address has got. The addresses are in lower case. It is the figure to
// compare with what was asked for: a higher one is a candidate invited twice, a lower one a candidate forgotten.
func (s *Server) Invitations() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[string]int, len(s.invitations))
	for address, sent := range s.invitations {
		counts[address] = len(sent)
	}
	return counts
}

// sendMail notes an e-mail about an interview.
func (s *Server) sendMail(to string, kind EmailKind, i *interview) {
	e := Email{To: to, Kind: kind, At: s.moment()}
	if i != nil {
		e.InterviewID = i.id
	}
	s.mail = append(s.mail, e)
	if kind == EmailInvitation {
		address := foldAddress(to)
		s.invitations[address] = append(s.invitations[address], e)
	}
}

// notify writes to the user who invited, if there is one.
func (s *Server) notify(i *interview) {
	if i.createdBy != nil {
		s.sendMail(i.createdBy.email, EmailNotice, i)
	}
}
