package money_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/money"
)

func MustParse(t *testing.T, text string) money.Amount {
	t.Helper()
	a, err := money.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

type purchase struct {
	Amount money.Amount `json:"amount" dynamodbav:"amount"`
}

var exact = map[string]string{
	"0.1":   "0.1",
	"12.50": "12.5",
	"-0":    "0",
	"1e3":   "1000",
	// Written out with its exponent it would be two gigabytes of zeros.
	"0e2000000000": "0",
	// Neither survives a float64.
	"0.30000000000000000000000000000000000001": "0.30000000000000000000000000000000000001",
	"90071992547409931234567.89":               "90071992547409931234567.89",
	strings.Repeat("9", 38):                    strings.Repeat("9", 38),
}

func TestUnmarshalJSON_AmountOfAClient_IsRoundedToPence(t *testing.T) {
	for in, want := range map[string]string{
		"0.30000000000000004":       "0.3", // 0.1 + 0.2 on the device
		"12.50":                     "12.5",
		"2.345":                     "2.35",
		"-2.345":                    "-2.35",
		"0.004":                     "0",
		"5.551115123125783e-17":     "0",
		"1e3":                       "1000",
		"-0":                        "0",
		"90071992547409931234567.8": "90071992547409931234567.8", // a float64 has 16 digits
	} {
		var p purchase
		if err := json.Unmarshal([]byte(`{"amount":`+in+`}`), &p); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if out, err := json.Marshal(p); err != nil || string(out) != `{"amount":`+want+`}` {
			t.Errorf("%s became %s, %v", in, out, err)
		}
	}
}

func TestMarshalJSON_Amount_KeepsEveryDigit(t *testing.T) {
	for in, want := range exact {
		if out, err := json.Marshal(purchase{MustParse(t, in)}); err != nil || string(out) != `{"amount":`+want+`}` {
			t.Errorf("%s became %s, %v", in, out, err)
		}
	}
}

func TestAmount_DynamoDBRoundTrip_KeepsDigits(t *testing.T) {
	for in, want := range exact {
		item, err := attributevalue.MarshalMap(purchase{MustParse(t, in)})
		if err != nil {
			t.Fatal(err)
		}
		if n, ok := item["amount"].(*types.AttributeValueMemberN); !ok || n.Value != want {
			t.Errorf("%s is stored as %#v", in, item["amount"])
		}
		var back purchase
		if err := attributevalue.UnmarshalMap(item, &back); err != nil || !back.Amount.Equal(MustParse(t, in)) {
			t.Errorf("%s came back as %s, %v", in, back.Amount, err)
		}
	}
}

func TestParse_InvalidAmount_IsRefused(t *testing.T) {
	for in, outOfRange := range map[string]bool{
		strings.Repeat("9", 39):              true,
		"0." + strings.Repeat("0", 38) + "1": true,
		"1e38":                               true,
		"1e2147483647":                       true,
		"1e-2147483648":                      true,
		strings.Repeat("1", 1<<20):           true,
		"1e99999999999":                      true,
		"":                                   false,
		"12,50":                              false,
		"£5":                                 false,
		"NaN":                                false,
	} {
		_, err := money.Parse(in)
		if err == nil || errors.Is(err, money.ErrOutOfRange) != outOfRange {
			t.Errorf("%.50s: got %v", in, err)
		}
		if err != nil && len(err.Error()) > 300 {
			t.Errorf("the error has %d bytes", len(err.Error()))
		}
	}
}

func TestAmount_WrongJSONType_IsUnmarshalTypeError(t *testing.T) {
	for _, in := range []string{`"12.50"`, `true`, `{}`, `[]`, `1e400`} {
		var p purchase
		var wrongType *json.UnmarshalTypeError
		if err := json.Unmarshal([]byte(`{"amount":`+in+`}`), &p); !errors.As(err, &wrongType) {
			t.Errorf("%s: got %v", in, err)
		}
	}
}

func TestAmount_JSONNull_KeepsValue(t *testing.T) {
	p := purchase{money.FromMinor(1234, 2)}
	if err := json.Unmarshal([]byte(`{"amount":null}`), &p); err != nil || p.Amount.String() != "12.34" {
		t.Errorf("got %s, %v", p.Amount, err)
	}
}

func TestAmount_OtherAttributeType_IsRefused(t *testing.T) {
	var p purchase
	err := attributevalue.UnmarshalMap(map[string]types.AttributeValue{"amount": &types.AttributeValueMemberS{Value: "12.50"}}, &p)
	if err == nil {
		t.Errorf("read %s from a string", p.Amount)
	}
}

func TestAmount_OutOfRangeResult_IsNotStored(t *testing.T) {
	huge := MustParse(t, strings.Repeat("9", 38))
	for name, a := range map[string]money.Amount{"too large": huge.Add(huge), "too fine": huge.Add(MustParse(t, "0.01"))} {
		if _, err := json.Marshal(a); !errors.Is(err, money.ErrOutOfRange) {
			t.Errorf("%s: JSON gave %v", name, err)
		}
		if _, err := attributevalue.Marshal(a); !errors.Is(err, money.ErrOutOfRange) {
			t.Errorf("%s: DynamoDB gave %v", name, err)
		}
	}
}

func TestArithmetic(t *testing.T) {
	a, b := MustParse(t, "0.1"), MustParse(t, "0.2")
	for name, pair := range map[string][2]string{
		"sum":        {a.Add(b).String(), "0.3"},
		"difference": {a.Sub(b).String(), "-0.1"},
		"total":      {money.Sum(a, a, a, b).String(), "0.5"},
		"absolute":   {a.Neg().Abs().String(), "0.1"},
		"half up":    {MustParse(t, "2.345").Round(2).String(), "2.35"},
		"half down":  {MustParse(t, "-2.345").Round(2).String(), "-2.35"},
		"nothing":    {money.Sum().String(), "0"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %s, not %s", name, pair[0], pair[1])
		}
	}
	if a.Cmp(b) != -1 || a.Sign() != 1 || !a.Sub(a).IsZero() || a.Equal(b) {
		t.Error("0.1 and 0.2 do not compare as numbers")
	}
}

// FuzzParse holds amounts to math/big: what is taken is kept exactly, through
// both encodings.
func FuzzParse(f *testing.F) {
	for in := range exact {
		f.Add(in)
	}
	f.Add("1e-38")
	f.Add(".+0000000000000000000000000")
	f.Fuzz(func(t *testing.T, in string) {
		a, err := money.Parse(in)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(in)
		if !ok {
			t.Fatalf("%q is taken and is no number", in)
		}
		got, ok := new(big.Rat).SetString(a.String())
		if !ok || got.Cmp(want) != 0 {
			t.Fatalf("%q became %s", in, a)
		}
		encoded, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back money.Amount
		if err := json.Unmarshal(encoded, &back); err != nil || !back.Equal(a.Round(2)) {
			t.Fatalf("%s came back as %s: %v", encoded, back, err)
		}
		if fmt.Sprint(back) != back.String() {
			t.Fatalf("%s prints as %v", back.String(), back)
		}
	})
}

func TestPounds_Amounts_AreWrittenForUsers(t *testing.T) {
	for text, want := range map[string]string{
		"0": "£0.00", "-0.001": "£0.00", "0.005": "£0.01", "12.5": "£12.50", "999.999": "£1,000.00", "1234.5": "£1,234.50",
		"-1234567.891": "-£1,234,567.89", "123456": "£123,456.00",
	} {
		if got := MustParse(t, text).Pounds(); got != want {
			t.Errorf("%s is %s", text, got)
		}
	}
}

func TestPercentage_OneDecimal_IsRoundedHalfUp(t *testing.T) {
	for _, c := range [][3]string{{"1", "3", "33.3"}, {"2", "3", "66.7"}, {"0.0005", "1", "0.1"}, {"-5", "4", "-125"}, {"5", "0", "0"}, {"5", "-1", "0"}} {
		if got := money.Percentage(MustParse(t, c[0]), MustParse(t, c[1])); got.String() != c[2] {
			t.Errorf("%s of %s is %s%%", c[0], c[1], got)
		}
	}
}
