package storedcompat

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the schema of this commit as that of the last release")

const releasedFile, acceptedFile = "testdata/released.json", "testdata/contracted.json"

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func writeJSON(t *testing.T, file string, value any) {
	t.Helper()
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The schema of the last release that was committed in prod is testdata/released.json.
func TestSchema_LastRelease_ReadsAndIsReadByThisCommit(t *testing.T) {
	code, err := Read("../..")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		writeJSON(t, releasedFile, code)
		writeJSON(t, acceptedFile, map[string]string{})
	}
	var released Schema
	accepted := map[string]string{}
	readJSON(t, releasedFile, &released)
	readJSON(t, acceptedFile, &accepted)
	if len(code) < 40 || code["item User"] == nil {
		t.Fatalf("the code has only %d types", len(code))
	}
	for _, problem := range Compare(released, code, accepted) {
		t.Errorf("%s. Expand first (docs/releases.md); the last step of a contraction stands in %s with its reason", problem, acceptedFile)
	}
	for at, reason := range accepted {
		if len(reason) < 20 {
			t.Errorf("%s is accepted because %q", at, reason)
		}
	}
}

func TestCompare_Change_IsFoundUnlessItOnlyExpands(t *testing.T) {
	released := func() Schema {
		return Schema{
			"item Goal":    {"userId": "string", "amount": "money.Amount", "steps": "list of {done: boolean, name: string}", "place": "{at: {x: number}}"},
			"message Done": {"goalId": "string"},
		}
	}
	for name, c := range map[string]struct {
		change   func(Schema)
		accepted map[string]string
		want     []string
	}{
		"nothing":        {func(Schema) {}, nil, nil},
		"added":          {func(s Schema) { s["item Goal"]["title"], s["item New"] = "string", map[string]string{"id": "string"} }, nil, nil},
		"added within":   {func(s Schema) { s["item Goal"]["steps"] = "list of {by: number, done: boolean, name: string}" }, nil, nil},
		"added deep":     {func(s Schema) { s["item Goal"]["place"] = "{at: {x: number, y: number}}" }, nil, nil},
		"removed within": {func(s Schema) { s["item Goal"]["steps"] = "list of {name: string}" }, nil, []string{"item Goal.steps was list of {done: boolean, name: string}, is list of {name: string}"}},
		"changed deep":   {func(s Schema) { s["item Goal"]["place"] = "{at: {x: string}}" }, nil, []string{"item Goal.place was {at: {x: number}}, is {at: {x: string}}"}},
		"list is one":    {func(s Schema) { s["item Goal"]["steps"] = "{done: boolean, name: string}" }, nil, []string{"item Goal.steps was list of {done: boolean, name: string}, is {done: boolean, name: string}"}},
		"removed":        {func(s Schema) { delete(s["item Goal"], "amount") }, nil, []string{"item Goal.amount is gone"}},
		"renamed":        {func(s Schema) { delete(s["message Done"], "goalId"); s["message Done"]["id"] = "string" }, nil, []string{"message Done.goalId is gone"}},
		"type gone":      {func(s Schema) { delete(s, "message Done") }, nil, []string{"message Done is gone"}},
		"other type":     {func(s Schema) { s["item Goal"]["amount"] = "number" }, nil, []string{"item Goal.amount was money.Amount, is number"}},
		"new required":   {func(s Schema) { s["message Done"]["by"] = "string required" }, nil, []string{"message Done.by is new and required: the release does not write it"}},
		"now required":   {func(s Schema) { s["message Done"]["goalId"] = "string required" }, nil, []string{"message Done.goalId was string, is string required"}},
		"accepted":       {func(s Schema) { delete(s["item Goal"], "amount") }, map[string]string{"item Goal.amount": "the last release neither reads nor writes it"}, nil},
		"accepted early": {func(Schema) {}, map[string]string{"item Goal.amount": "the last release neither reads nor writes it"}, []string{"item Goal.amount is accepted and has not changed"}},
	} {
		t.Run(name, func(t *testing.T) {
			code := released()
			c.change(code)
			if got := Compare(released(), code, c.accepted); !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestRead_ItemsAndMessages_HaveTheirEncodings(t *testing.T) {
	var released Schema
	readJSON(t, releasedFile, &released)
	for at, want := range map[string]string{
		"item AccountRecovery.providers": "list of string set", "item Achievement.amount": "money.Amount", "item AccountDeletion.startedAt": "number",
		"item AIMessage.content": "tables.EncryptedString", "item AccountDeletion.ifUnconfirmed": "boolean", "item Achievement.type": "string",
	} {
		name, attribute, _ := strings.Cut(at, ".")
		if got := released[name][attribute]; got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
	messages := 0
	for name := range released {
		if strings.HasPrefix(name, "message ") {
			messages++
		}
	}
	if messages < 6 { // topics goal-reached, transaction-changed, budget-crossed, notice, import-part and the queues
		t.Errorf("%d types of messages", messages)
	}
}
