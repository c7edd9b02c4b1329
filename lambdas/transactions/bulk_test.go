package transactions

import (
	"fmt"
	"slices"
	"testing"
)

func (w *importWorld) bulk() *bulk { return &bulk{w.stage.Store, w.rules} }

func (w *importWorld) similar(name, merchant, category, exclude string) similarResponse {
	w.t.Helper()
	found, err := (&similar{w.stage.Store}).Find(w.t.Context(), user(name), similarRequest{merchant, category, exclude})
	must(w.t, err)
	return found
}

func idsOf(found similarResponse) (ids []string) {
	for _, one := range found.Transactions {
		ids = append(ids, one.ID)
	}
	return ids
}

// byText counts a user's transactions by text, category and whether they are left out.
func (w *importWorld) byText(name string) map[string]int {
	found := map[string]int{}
	for _, one := range w.all(name) {
		found[fmt.Sprint(one.Text.Description, " ", one.Category, " ", one.Excluded)]++
	}
	return found
}

var coffees = []string{
	csvLine("2026-07-01", "-3", "ACME COFFEE 3127"), csvLine("2026-07-02", "-3", "SQ *ACME COFFEE"),
	csvLine("2026-07-03", "-4", "CARD PAYMENT TO ACME COFFEE LTD ON 02 JUL"), csvLine("2026-07-04", "-5", "ACME TEA"),
}

func TestFind_TextsOfOneMerchant_AreSimilar(t *testing.T) {
	w := newImportWorld(t)
	w.mustLoad("ada", csvBody(coffees...))
	all := w.similar("ada", "Acme Coffee", "Home", "")
	if all.Count != 3 || len(all.Transactions) != 3 || all.Transactions[0].Date <= all.Transactions[2].Date {
		t.Fatalf("found %+v", all)
	}
	first := all.Transactions[0].ID
	if left := w.similar("ada", "Acme Coffee", "Home", first); left.Count != 2 || slices.Contains(idsOf(left), first) {
		t.Errorf("without the first: %+v", left)
	}
	for name, found := range map[string]similarResponse{
		"of the category they have": w.similar("ada", "Acme Coffee", "Other", ""), "of another user": w.similar("eve", "Acme Coffee", "Home", ""),
		"of another merchant": w.similar("ada", "Beta", "Home", ""),
	} {
		if found.Count != 0 || len(found.Transactions) != 0 {
			t.Errorf("%s: found %+v", name, found)
		}
	}
}

func TestCategorise_SimilarTransactions_TeachesImports(t *testing.T) {
	w := newImportWorld(t)
	w.mustLoad("ada", csvBody(coffees...))
	ids := idsOf(w.similar("ada", "Acme Coffee", "Home", ""))
	stolen, err := w.bulk().Categorise(t.Context(), user("eve"), categoriseRequest{ids, "Home"})
	if err != nil || stolen.Updated != 0 || stolen.Failed != 3 {
		t.Errorf("another user: %+v, %v", stolen, err)
	}
	for range 2 { // the second changes nothing
		done, err := w.bulk().Categorise(t.Context(), user("ada"), categoriseRequest{append(slices.Clone(ids), ids[0], "none"), "Personal Care"})
		if err != nil || done.Updated != 3 || done.Failed != 1 || done.Category != "Personal Care" {
			t.Errorf("got %+v, %v", done, err)
		}
	}
	w.mustLoad("ada", csvBody(csvLine("2026-07-09", "-3", "PAYPAL *ACME COFFEE"), csvLine("2026-07-09", "-3", "BETA")))
	got := w.byText("ada")
	if got["PAYPAL *ACME COFFEE personal-care false"] != 1 || got["ACME COFFEE 3127 personal-care false"] != 1 || got["ACME TEA other false"] != 1 || got["BETA other false"] != 1 {
		t.Errorf("there are %v", got)
	}
}

func TestExclude_WithMerchant_TeachesImports(t *testing.T) {
	w := newImportWorld(t)
	w.mustLoad("ada", csvBody(coffees...))
	ids, excluded, included := idsOf(w.similar("ada", "Acme Coffee", "Home", "")), true, false
	if done, err := w.bulk().Exclude(t.Context(), user("ada"), excludeRequest{ids, &excluded, "Acme Coffee"}); err != nil || done.Updated != 3 || !done.ExcludeFromSpend {
		t.Fatalf("got %+v, %v", done, err)
	}
	w.mustLoad("ada", csvBody(csvLine("2026-07-09", "-3", "PAYPAL *ACME COFFEE")))
	if got := w.byText("ada"); got["PAYPAL *ACME COFFEE other true"] != 1 || got["SQ *ACME COFFEE other true"] != 1 || got["ACME TEA other false"] != 1 {
		t.Errorf("there are %v", got)
	}
	if _, err := w.bulk().Exclude(t.Context(), user("ada"), excludeRequest{ids[:1], &included, ""}); err != nil {
		t.Fatal(err)
	}
	w.mustLoad("ada", csvBody(csvLine("2026-07-10", "-3", "PAYPAL *ACME COFFEE")))
	if got := w.byText("ada"); got["PAYPAL *ACME COFFEE other true"] != 2 {
		t.Errorf("without a merchant, the rule changed: %v", got)
	}
}

func TestCategorise_ManyTransactions_ChangesAll(t *testing.T) {
	w := newImportWorld(t)
	w.mustLoad("ada", csvBody(csvLines(300)...))
	found := w.similar("ada", "ACME SHOP", "Home", "")
	if done, err := w.bulk().Categorise(t.Context(), user("ada"), categoriseRequest{idsOf(found), "Home"}); err != nil || done.Updated != 300 {
		t.Errorf("got %+v, %v", done, err)
	}
	if got := w.byText("ada"); got["ACME SHOP home false"] != 300 {
		t.Errorf("there are %v", got)
	}
}

// An edit of one transaction teaches the rule for its merchant. A new transaction
// without a category follows it.
func TestUpdate_Category_TeachesCreations(t *testing.T) {
	w := newWorld(t)
	made := w.create("ada", coffee)
	_, err := w.update("ada", made.ID, `{"category":"Gifts & Donations"}`)
	must(t, err)
	_, err = w.update("ada", made.ID, `{"category":"Gifts & Donations","description":"Mine"}`)
	must(t, err)
	plain := w.create("ada", `{"amount":-4,"originalAmount":4,"description":"Again","category":"Other","type":"debit","date":"2026-07-02T00:00:00.000Z",
		"merchant":"CAFÉ ZOË","currency":"GBP","accountId":"manual","bankName":"Manual Entry","accountType":"Manual Account"}`)
	chosen := w.create("ada", coffee)
	if plain.Category != "Gifts & Donations" || chosen.Category != "food" {
		t.Errorf("the categories are %q and %q", plain.Category, chosen.Category)
	}
	_, err = w.update("ada", chosen.ID, `{"category":"food","description":"Mine"}`)
	must(t, err)
	if set, err := w.rules.All(t.Context(), "ada"); err != nil || len(set) != 1 {
		t.Errorf("the rules are %v, %v", set, err)
	}
	if again := w.create("ada", `{"amount":-4,"originalAmount":4,"description":"Again","category":"Other","type":"debit","date":"2026-07-02T00:00:00.000Z",
		"merchant":"CAFÉ ZOË","currency":"GBP","accountId":"manual","bankName":"Manual Entry","accountType":"Manual Account"}`); again.Category != "Gifts & Donations" {
		t.Errorf("an edit of another field changed the rule to %q", again.Category)
	}
}
