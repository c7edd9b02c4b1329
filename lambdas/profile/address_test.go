package profile

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// editor is the app's profile screen, which shows the whole address line as the
// street and appends the other fields to it at each save.
type editor struct{ street, city, postcode, country string }

func (e editor) save(t *testing.T, store fakeAccounts) {
	t.Helper()
	line := strings.Join(slices.DeleteFunc([]string{e.street, e.city, e.postcode, e.country}, func(s string) bool { return s == "" }), ", ")
	in := updateProfileRequest{Address: &line, City: &e.city, Postcode: &e.postcode, Country: &e.country}
	if _, err := newTestProfiles(store).Update(t.Context(), caller, in); err != nil {
		t.Fatal(err)
	}
}

// reopen returns the editor as it shows what is stored.
func (e editor) reopen(store fakeAccounts) editor {
	e.street = string(store["user-1"].Address)
	return e
}

func TestUpdate_UnchangedProfileSavedAgain_StoresTheAddressOnce(t *testing.T) {
	for _, screen := range []editor{
		{"12 St James's Square", "London", "SW1Y 4LB", "UK"},
		{"Flat 3, 12 St James's Square", "London", "SW1Y 4LB", "United Kingdom"},
		{"1 Pennsylvania Avenue", "Washington, DC", "20500", "USA"},
		{"", "London", "SW1Y 4LB", "UK"},
		{"12 St James's Square", "", "SW1Y 4LB", ""},
		{"12 St James's Square", "", "", ""},
		{"1 Orchard Road", "Singapore", "238801", "Singapore"},
	} {
		store := fakeAccounts{"user-1": ada()}
		screen.save(t, store)
		first := store["user-1"].Address
		for range 5 {
			screen = screen.reopen(store)
			screen.save(t, store)
			if got := store["user-1"].Address; got != first {
				t.Fatalf("%+v: the address became %q, from %q", screen, string(got), string(first))
			}
		}
	}
}

func TestUpdate_AnotherCity_TakesThePlaceOfTheFormerOne(t *testing.T) {
	store := fakeAccounts{"user-1": ada()}
	screen := editor{"12 St James's Square", "London", "SW1Y 4LB", "UK"}
	screen.save(t, store)
	for _, moved := range []editor{{city: "Leeds", postcode: "LS1 4AP", country: "UK"}, {city: "Lyon", country: "France"}} {
		moved = moved.reopen(store)
		moved.save(t, store)
	}
	if got := string(store["user-1"].Address); got != "12 St James's Square, Lyon, France" {
		t.Errorf("the address is %q", got)
	}
}

// Whatever of city, postcode and country ends the line, in any order and as often
// as it may be: each stands there at most once, and saving again changes nothing.
func TestUpdate_RepeatedParts_StandOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	area := []string{"London", "SW1Y 4LB", "UK"}
	for range 2000 {
		line := []string{"12 St James's Square"}
		for range random.IntN(9) {
			part := area[random.IntN(len(area))]
			if random.IntN(4) == 0 {
				part = strings.ToLower(part)
			}
			line = append(line, part)
		}
		before, after := ada(), ada()
		after.City, after.Postcode, after.Country = "London", "SW1Y 4LB", "UK"
		after.Address = tables.EncryptedString(strings.Join(line, ", "))
		removeRepeatedArea(before, after)
		parts := partsOf(string(after.Address))
		if parts[0] != line[0] {
			t.Fatalf("%q lost its street: %q", line, parts)
		}
		for _, part := range area {
			sent := hasPart(line, part)
			if n := len(slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return !strings.EqualFold(p, part) })); n > 1 || sent != (n == 1) {
				t.Fatalf("%q became %q", line, parts)
			}
		}
		again := *after
		again.Address += ", London, SW1Y 4LB, UK"
		removeRepeatedArea(after, &again)
		if settled := partsOf(string(again.Address)); len(settled) != len(area)+1 {
			t.Fatalf("%q, saved again, became %q", parts, settled)
		}
	}
}

func TestUpdate_AddressWithoutRepetition_IsStoredAsSent(t *testing.T) {
	for _, line := range []string{"", "London", "12 London Road,London", "Elsewhere , far away", "London House, UK Street"} {
		before, after := ada(), ada()
		after.City, after.Country, after.Address = "London", "UK", tables.EncryptedString(line)
		removeRepeatedArea(before, after)
		if string(after.Address) != line {
			t.Errorf("%q became %q", line, string(after.Address))
		}
	}
}
