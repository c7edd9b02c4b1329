package emailtemplates

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestTimes_AreInUKTime(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for at := time.Date(1999, time.January, 1, 0, 30, 0, 0, time.UTC); at.Year() < 2038; at = at.Add(time.Hour) {
		if got, want := ukTime(at), at.In(london).Format("2 January 2006 at 15:04 MST"); got != want {
			t.Fatalf("%v is %s, not %s", at, got, want)
		}
	}
	elsewhere := time.Date(2026, time.July, 1, 9, 5, 0, 0, time.FixedZone("", -5*3600))
	if got := ukTime(elsewhere); got != "1 July 2026 at 15:05 BST" {
		t.Errorf("got %s", got)
	}
}
