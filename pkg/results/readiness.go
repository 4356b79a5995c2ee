package results

// State is whether a part of the migration is ready.
type State string

// The states.
const (
	Go         State = "go"
	NoGo       State = "no-go"
	NotChecked State = "not-checked"
)

// The sections of the readiness, in report order.
const (
	SectionPermissions = "permissions"
	SectionPayload     = "payload"
	SectionCollisions  = "collisions"
	SectionSource      = "source"
	SectionPlan        = "plan"
	SectionCanary      = "canary"
	SectionGroups      = "groups"
)

// Section is one part of the way from the source to the first created user.
type Section struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	// Summary is one sentence, Fix what to do where it is no-go or not checked.
	Summary string `json:"summary"`
	Fix     string `json:"fix,omitempty"`
	// Wanted is set when the user asked for the section: not to see it is then no pass.
	Wanted bool `json:"wanted"`
}

// Collision is a userName of the payload that the org has already.
type Collision struct {
	UserName string `json:"userName"`
	// Line is that of the file; zero where the name is not from a file.
	Line int `json:"line"`
	// State is active, inactive or deleted.
	State string `json:"state"`
}

// Source is what the system that the users come from shows.
type Source struct {
	System string `json:"system"`
	Place  string `json:"place"`
	// As says who the token is, with the role that it has there.
	As     string `json:"as"`
	Agents int    `json:"agents"`
	Admins int    `json:"admins"`
	// The ids of users that cannot be migrated as they are, or should be looked at.
	WithoutEmail []string `json:"withoutEmail"`
	WithoutName  []string `json:"withoutName"`
	Suspended    []string `json:"suspended"`
	// DuplicateEmails are addresses that several users have.
	DuplicateEmails []string `json:"duplicateEmails"`
	// NotSeen says what the token may not see.
	NotSeen []string `json:"notSeen"`
}

// Schedule is the migration in numbers.
type Schedule struct {
	Creates  int `json:"creates"`
	Requests int `json:"requests"`
	// PerMinute is the rate limit, and what it rests on: observed from the answers'
	// headers, or reported.
	PerMinute      int   `json:"perMinute"`
	PerMinuteBasis Basis `json:"perMinuteBasis"`
	Seconds        int64 `json:"seconds"`
	// TokenSeconds is how long a token lives, zero where that is unknown; Renewals is how
	// often it must be renewed on the way.
	TokenSeconds int64 `json:"tokenSeconds"`
	Renewals     int64 `json:"renewals"`
}

// CanaryStep is one step of the trial with one user.
type CanaryStep struct {
	What          string `json:"what"`
	OK            bool   `json:"ok"`
	Text          string `json:"text"`
	CorrelationID string `json:"correlationId,omitempty"`
}

// Readiness is the way from the source to the first created user.
type Readiness struct {
	Sections   []Section    `json:"sections"`
	Payload    *Payload     `json:"payload,omitempty"`
	Collisions []Collision  `json:"collisions"`
	Source     *Source      `json:"source,omitempty"`
	Plan       *Schedule    `json:"plan,omitempty"`
	Canary     []CanaryStep `json:"canary"`
}

// Section returns the section of a name.
func (r *Readiness) Section(name string) *Section {
	for i := range r.Sections {
		if r.Sections[i].Name == name {
			return &r.Sections[i]
		}
	}
	return nil
}
