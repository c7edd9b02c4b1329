package packed_test

import (
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/packed"
)

func TestEncode_Value_IsShorterAndComesBack(t *testing.T) {
	want := strings.Repeat("CARD PAYMENT TO ACME ", 100)
	text, err := packed.Encode(want)
	if err != nil || len(text) > len(want)/10 {
		t.Fatalf("%d bytes of %d, %v", len(text), len(want), err)
	}
	var got string
	if err := packed.Decode(text, &got); err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestDecode_OtherText_IsErrorWithoutIt(t *testing.T) {
	whole, err := packed.Encode("private words")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"empty": "", "clear": `"private words"`, "cut": whole[:len(whole)-9], "of another type": whole} {
		var number int
		if err := packed.Decode(text, &number); err == nil || strings.Contains(err.Error(), "private") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
