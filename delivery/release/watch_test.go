package release

import "testing"

func TestComparison_Failing_NeedsEnoughFailuresAndAWorseShare(t *testing.T) {
	for name, c := range map[string]struct {
		old, new counts
		failing  bool
	}{
		"no invocations":             {counts{}, counts{}, false},
		"a fifth fails":              {counts{all: 900}, counts{100, 20}, true},
		"too few failures":           {counts{all: 900}, counts{10, 4}, false},
		"a small share":              {counts{all: 9000}, counts{1000, 50}, false},
		"a little more":              {counts{all: 9000}, counts{1000, 51}, true},
		"the old fails as often":     {counts{900, 180}, counts{100, 21}, false},
		"the old fails half as much": {counts{900, 89}, counts{100, 20}, true},
		"a new function":             {counts{}, counts{10, 5}, true},
	} {
		reason := comparison{subject: "version 2 of buy", old: c.old, new: c.new}.failing()
		if (reason != "") != c.failing {
			t.Errorf("%s: %q", name, reason)
		}
	}
}

// A canary of a tenth hides a release that fails in a fifth: two responses of a hundred.
func TestResponses_Share_IsThatOfTheNewVersions(t *testing.T) {
	for name, c := range map[string]struct {
		now           counts
		usual, weight float64
		failing       bool
	}{
		"no responses":                    {counts{}, 0, 0.1, false},
		"a fifth of a canary":             {counts{1000, 20}, 0, 0.1, true},
		"as many as before":               {counts{1000, 20}, 0.02, 0.1, false},
		"four of forty":                   {counts{400, 4}, 0, 0.1, false},
		"six more than before":            {counts{1000, 26}, 0.02, 0.1, true},
		"few for so many requests":        {counts{10000, 40}, 0, 0.1, false},
		"more than a twentieth of canary": {counts{10000, 51}, 0, 0.1, true},
		"as few with half of the weight":  {counts{10000, 51}, 0, 0.5, false},
	} {
		if reason := responses(c.now, c.usual, c.weight); (reason != "") != c.failing {
			t.Errorf("%s: %q", name, reason)
		}
	}
}
