package validation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/money"
)

type saving struct {
	Target  money.Amount   `json:"target" validate:"gt=0,lte=1000000"`
	Current *money.Amount  `json:"current" validate:"omitempty,gte=0"`
	Parts   []money.Amount `json:"parts" validate:"dive,gt=0"`
}

func TestCheck_RulesOfAmounts_CompareNumbers(t *testing.T) {
	for body, valid := range map[string]bool{
		`{"target":0.01}`:                true,
		`{"target":1000000,"current":0}`: true,
		`{"target":0}`:                   false,
		`{"target":0.004}`:               false, // no penny
		`{"target":-1}`:                  false,
		`{"target":1000000.01}`:          false,
		`{"target":1,"current":-0.01}`:   false,
		`{"target":1,"parts":[1,0]}`:     false,
		`{"target":1,"parts":[1,0.01]}`:  true,
		`{}`:                             false,
	} {
		var in saving
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			t.Fatal(err)
		}
		if err := validation.New().Check(&in); (err == nil) != valid {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// Rules behind "omitempty", a pointer, a slice or a map are reached by a full value only.
func TestProve_RuleThatCannotWork_IsReported(t *testing.T) {
	for name, request := range map[string]any{
		"unknown rule": new(struct {
			A string `validate:"no-such-rule"`
		}),
		"unknown, if given": new(struct {
			A string `validate:"omitempty,no-such-rule"`
		}),
		"rule of another type": new(struct {
			A bool `validate:"gt=0"`
		}),
		"in a pointer": new(struct {
			A *bool `validate:"omitempty,gt=0"`
		}),
		"in a slice": new(struct {
			A []bool `validate:"dive,gt=0"`
		}),
		"in a map of structs": new(struct {
			A map[string]struct {
				B bool `validate:"gt=0"`
			} `validate:"dive"`
		}),
		"in an embedded struct": new(struct{ embedded }),
	} {
		if err := validation.New().Prove(request); err == nil || !strings.Contains(err.Error(), "the rules of") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, request := range map[string]any{"amounts": new(saving), "no struct": new(map[string]any)} {
		if err := validation.New().Prove(request); err != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

type embedded struct {
	B bool `validate:"gt=0"`
}
