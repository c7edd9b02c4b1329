package release

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Phase says where the aliases of a release are to be.
type Phase string

// The phases of a release. The first four are in the order in which they may follow.
const (
	// Shifting gives the new versions the release's Weight, and watches.
	Shifting Phase = "shifting"
	// Committing points every alias at its new version.
	Committing Phase = "committing"
	// TakingBack points every alias at its old version.
	TakingBack Phase = "taking-back"
	// Committed is the end of a release whose versions are live.
	Committed Phase = "committed"
	// TakenBack is the end of a release whose versions are live nowhere.
	TakenBack Phase = "taken-back"
)

// Shift is the change of one function.
type Shift struct {
	// Function is the function's physical name.
	Function string `json:"function"`
	// From is the version before. It is empty for a new function, which is live from its
	// first deployment on and is never taken back.
	From string `json:"from,omitempty"`
	// To is the version that the function's stack has published.
	To string `json:"to"`
}

// Release is a release that runs or has ended. Its JSON is the deployment record.
type Release struct {
	// ID is the time of the start and a part of the commit.
	ID string `json:"id"`
	// Stage is the stage.
	Stage string `json:"stage"`
	// Commit is the commit that was deployed.
	Commit string `json:"commit,omitempty"`
	// ApprovedBy names who let the release begin.
	ApprovedBy string `json:"approvedBy,omitempty"`
	// Rollback says that a human took back a committed release, whose ID is RollbackOf.
	Rollback   bool   `json:"rollback,omitempty"`
	RollbackOf string `json:"rollbackOf,omitempty"`
	// Phase is the outcome, once the release has ended.
	Phase Phase `json:"outcome"`
	// Reason says why the release was taken back.
	Reason string `json:"reason,omitempty"`
	// Weight is the share of invocations that the new versions get while they are watched,
	// 0 to 1. 0 shifts at once, and watches nothing.
	Weight float64 `json:"weight"`
	// WatchSeconds is how long the new versions are watched.
	WatchSeconds float64 `json:"watchSeconds"`
	// Started, Shifted and Ended are when the release began, when the last alias had its
	// weight, and when the last alias had its version.
	Started time.Time  `json:"started"`
	Shifted *time.Time `json:"shifted,omitempty"`
	Ended   *time.Time `json:"ended,omitempty"`
	// IgnoredAlarms were in ALARM before the release and do not take it back.
	IgnoredAlarms []string `json:"ignoredAlarms,omitempty"`
	// Shifts are the changes, by function.
	Shifts []Shift `json:"shifts"`
	// Removed are functions that the stacks no longer had when their aliases were to move.
	// They have no Shifts any more.
	Removed []string `json:"removed,omitempty"`
	// TakeBackBy names the human who asked the running command to take the release back. A
	// rollback is never taken back.
	TakeBackBy string `json:"takeBackBy,omitempty"`
	// RollbackOwner is the run of Rollback that asked to take the release back or, of a
	// rollback, began it. Its repetition returns the release.
	RollbackOwner string `json:"rollbackOwner,omitempty"`
	// Runs counts the runs of the command that worked on the release.
	Runs int `json:"runs"`
}

// Done reports whether the release has ended.
func (r *Release) Done() bool { return r.Phase == Committed || r.Phase == TakenBack }

// Document is what a Store keeps for a stage.
type Document struct {
	// Version counts the writes. Save fails if another writer has written meanwhile.
	Version int `json:"-"`
	// Current is the release that runs, or the last that ended. It is nil before the first.
	Current *Release `json:"current"`
	// Earlier are the releases that ended before Current, the newest first.
	Earlier []*Release `json:"earlier,omitempty"`
	// Owner is the run that works on Current, until LeaseEnds.
	Owner     string    `json:"owner,omitempty"`
	LeaseEnds time.Time `json:"leaseEnds,omitzero"`
}

// maxEarlier is how many releases a document keeps besides the current one. Their
// versions are kept, too.
const maxEarlier = 4

// begin makes a release the current one. Of the earlier ones, those that were taken back are
// forgotten first: a rollback needs those that were committed.
func (d *Document) begin(r *Release) {
	if d.Current != nil {
		d.Earlier = slices.Insert(d.Earlier, 0, d.Current)
	}
	d.Current = r
	if len(d.Earlier) <= maxEarlier {
		return
	}
	forget := maxEarlier
	for i, earlier := range d.Earlier {
		if earlier.Phase == TakenBack {
			forget = i
		}
	}
	d.Earlier = slices.Delete(d.Earlier, forget, forget+1)
}

// releases returns the current and the earlier releases, the newest first.
func (d *Document) releases() []*Release {
	if d.Current == nil {
		return nil
	}
	return append([]*Release{d.Current}, d.Earlier...)
}

// Store keeps the document of a stage.
type Store interface {
	// Load returns the document, and an empty one if there is none yet.
	Load(ctx context.Context) (*Document, error)
	// Save writes the document if it is still at Version, which it then raises by one.
	// Otherwise the error is ErrChanged.
	Save(ctx context.Context, document *Document) error
}

// ErrChanged is the error of a Save after another writer.
var ErrChanged = errors.New("another run has changed the state of the release")

// ErrRunning is the error of a release while another run works on one.
var ErrRunning = errors.New("another run works on a release")

// ErrNoAlias is the error of a function that was removed or whose alias was deleted.
var ErrNoAlias = errors.New("there is no alias")

// Pointer is where an alias leads.
type Pointer struct {
	// Version gets the invocations that Canary does not. It is Latest for an alias that no
	// release has moved yet.
	Version string
	// Canary gets the share Weight of the invocations. Empty means none.
	Canary string
	Weight float64
}

// Latest is the version of an alias that no release has moved yet.
const Latest = "$LATEST"

// Aliases are the functions of a stage and where their aliases lead.
type Aliases interface {
	// Published returns the version of each function that its stack has published, by
	// function. It fails if a stack is being deployed or its deployment has failed.
	Published(ctx context.Context) (map[string]string, error)
	// Deployed returns the functions that the stacks have, whatever the stacks' state is.
	Deployed(ctx context.Context) (map[string]bool, error)
	// Alias returns where the function's alias leads, and the alias's revision. The error is
	// ErrNoAlias if there is no function or no alias.
	Alias(ctx context.Context, function string) (Pointer, string, error)
	// Point moves the function's alias, if it still has the revision.
	Point(ctx context.Context, function string, to Pointer, revision string) error
	// Prune deletes the function's versions, except the given ones.
	Prune(ctx context.Context, function string, keep []string) error
}

// Watcher judges a release while old and new versions run side by side.
type Watcher interface {
	// Alarms returns the names of the watched alarms that are in ALARM.
	Alarms(ctx context.Context) ([]string, error)
	// Failing returns why the release must be taken back, and an empty string if it need
	// not. It judges the invocations since the time.
	Failing(ctx context.Context, r *Release, since time.Time) (string, error)
}
