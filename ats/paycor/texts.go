package paycor

// Texts are the words that people read in Paycor, in one table that a host can replace
// word by word. Three are the product's own [documented: docs/vendors/paycor.md]:
// Requested, Completed with TabCompleted, and Canceled; the others are ours [assumed].
type Texts struct {
	// Items of the newsfeed.
	Requested       string
	Accepted        string
	Completed       string
	Canceled        string
	Expired         string
	Reset           string
	DeadlineChanged string
	Removed         string

	// Labels of the tab.
	TabRequested string
	TabAccepted  string
	TabCompleted string
	TabCanceled  string
	TabExpired   string
	// TabFailed is shown when Spark Hire refused the request, TabUnconfirmed when a
	// person must find out whether the candidate was invited.
	TabFailed      string
	TabUnconfirmed string
}

// DefaultTexts returns the table that is used where nothing is replaced. The article
// has "Complete" on the tab and "Completed" in the newsfeed: both are kept.
func DefaultTexts() Texts {
	return Texts{
		Requested:       "Video Interview Requested",
		Accepted:        "Video Interview Accepted",
		Completed:       "Video Interview Completed",
		Canceled:        "Video Interview Canceled",
		Expired:         "Video Interview Expired",
		Reset:           "Video Interview Reset",
		DeadlineChanged: "Video Interview Deadline Changed",
		Removed:         "Video Interview Removed",
		TabRequested:    "Video Interview Requested",
		TabAccepted:     "Video Interview Accepted",
		TabCompleted:    "Video Interview Complete",
		TabCanceled:     "Video Interview Canceled",
		TabExpired:      "Video Interview Expired",
		TabFailed:       "Video Interview Could Not Be Requested",
		TabUnconfirmed:  "Video Interview Request Not Confirmed",
	}
}

func (t Texts) withDefaults() Texts {
	d := DefaultTexts()
	fill := func(to *string, fallback string) { *to = orDefault(*to, fallback) }
	fill(&t.Requested, d.Requested)
	fill(&t.Accepted, d.Accepted)
	fill(&t.Completed, d.Completed)
	fill(&t.Canceled, d.Canceled)
	fill(&t.Expired, d.Expired)
	fill(&t.Reset, d.Reset)
	fill(&t.DeadlineChanged, d.DeadlineChanged)
	fill(&t.Removed, d.Removed)
	fill(&t.TabRequested, d.TabRequested)
	fill(&t.TabAccepted, d.TabAccepted)
	fill(&t.TabCompleted, d.TabCompleted)
	fill(&t.TabCanceled, d.TabCanceled)
	fill(&t.TabExpired, d.TabExpired)
	fill(&t.TabFailed, d.TabFailed)
	fill(&t.TabUnconfirmed, d.TabUnconfirmed)
	return t
}
