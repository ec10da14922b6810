package client

import "time"

// Interview is what people are shown of an interview.
type Interview struct {
	ID           string `json:"id"`
	ConnectionID string `json:"connection_id"`
	Adapter      string `json:"adapter"`
	State        string `json:"state"`
	Revision     int64  `json:"revision"`
	Type         string `json:"type"`
	Origin       string `json:"origin"`
	Candidate    struct {
		ID        string `json:"id"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Email     string `json:"email"`
	} `json:"candidate"`
	Job struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	} `json:"job"`
	SparkHire struct {
		InterviewID string `json:"interview_id"`
		JobID       string `json:"job_id"`
		Status      string `json:"status"`
	} `json:"spark_hire"`
	Due *struct {
		Date     string `json:"date"`
		Time     string `json:"time"`
		TimeZone string `json:"time_zone"`
	} `json:"due"`
	RequestedBy *struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"requested_by"`
	Reason           *Reason   `json:"reason"`
	Notice           *Reason   `json:"notice"`
	Actions          []string  `json:"actions"`
	ReportedRevision int64     `json:"reported_revision"`
	CreatedAt        time.Time `json:"created_at"`
	UpdatedAt        time.Time `json:"updated_at"`
}

// Reason explains a state.
type Reason struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Event is a line of a timeline.
type Event struct {
	Seq   int64     `json:"seq"`
	Kind  string    `json:"kind"`
	At    time.Time `json:"at"`
	Text  string    `json:"text"`
	Actor string    `json:"actor"`
}

// Connection is what people are shown of a connection.
type Connection struct {
	ID        string         `json:"id"`
	Adapter   string         `json:"adapter"`
	Tenant    string         `json:"tenant"`
	Name      string         `json:"name"`
	TimeZone  string         `json:"time_zone"`
	Enabled   bool           `json:"enabled"`
	Connected bool           `json:"connected"`
	Settings  map[string]any `json:"settings"`
	SparkHire struct {
		Version         string `json:"version"`
		OrganizationKey bool   `json:"organization_key_set"`
	} `json:"spark_hire"`
	PrimaryUser string    `json:"primary_user"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// User is a linked user.
type User struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	Linked        bool   `json:"linked"`
	KeyHint       string `json:"key_hint"`
	SparkHireUser string `json:"spark_hire_user"`
}

// Delivery is how reporting an interview to the ATS stands.
type Delivery struct {
	InterviewID  string     `json:"interview_id"`
	ConnectionID string     `json:"connection_id"`
	State        string     `json:"state"`
	Failures     int        `json:"failures"`
	NextAt       *time.Time `json:"next_at"`
	LastError    string     `json:"last_error"`
	UpdatedAt    *time.Time `json:"updated_at"`
}
