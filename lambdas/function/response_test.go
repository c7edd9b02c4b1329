package function_test

import (
	"encoding/json"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
)

func TestMarshalJSON_NilListAndMap_AreNotNull(t *testing.T) {
	type response struct {
		List    function.List[int] `json:"list"`
		Map     function.Map[int]  `json:"map"`
		Omitted function.List[int] `json:"omitted,omitempty"`
	}
	for want, value := range map[string]response{
		`{"list":[],"map":{}}`:                       {},
		`{"list":[1,2],"map":{"a":1},"omitted":[3]}`: {List: []int{1, 2}, Map: map[string]int{"a": 1}, Omitted: []int{3}},
	} {
		if got, err := json.Marshal(value); err != nil || string(got) != want {
			t.Errorf("got %s, %v, not %s", got, err, want)
		}
	}
}
