package transactions

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

func TestRepair_PlantedDifference_IsReportedThenCorrected(t *testing.T) {
	w := newWorld(t)
	w.create("ada", coffee)
	must(t, w.stage.Figures.Delete(t.Context(), store.Key{"ada", "2026-07"}))
	const difference = `[{"month":"2026-07","figure":"count","kept":0,"counted":1},{"month":"2026-07","figure":"day:01","kept":0,"counted":1},` +
		`{"month":"2026-07","figure":"debits","kept":0,"counted":3.5},{"month":"2026-07","figure":"spend","kept":0,"counted":3.5},{"month":"2026-07","figure":"spend:food","kept":0,"counted":3.5}]`
	for _, step := range []struct {
		correct bool
		want    string
	}{
		{false, `{"differences":` + difference + `,"corrected":false}`},
		{true, `{"differences":` + difference + `,"corrected":true}`},
		{true, `{"differences":[],"corrected":false}`},
	} {
		got, err := (&repair{w.stage.Store}).Run(t.Context(), repairRequest{"ada", step.correct})
		must(t, err)
		if text, err := json.Marshal(got); err != nil || string(text) != step.want {
			t.Errorf("got %s, %v", text, err)
		}
	}
	if w.totals("ada").Balance.String() != "-3.5" {
		t.Error("the balance is not corrected")
	}
	if _, err := (&repair{w.stage.Store}).Run(t.Context(), repairRequest{}); !errors.Is(err, errBadCommand) {
		t.Errorf("without a user: %v", err)
	}
}
