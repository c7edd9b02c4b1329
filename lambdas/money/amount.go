package money

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"sync"

	"github.com/shopspring/decimal"
)

// maxDigits is how many significant digits DynamoDB keeps of a number.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
const maxDigits = 38

// maxTextLength is the longest notation that is read at all: 38 digits on either
// side, a sign, a point and an exponent fit, with as many zeros again.
const maxTextLength = 128

// ErrOutOfRange is returned for an amount with more digits than can be kept.
var ErrOutOfRange = errors.New("an amount has at most 38 digits before the point, 38 after it, and 38 significant ones")

// Amount is an amount of money. The zero value is zero. Compare amounts with
// Cmp or Equal, not with ==.
type Amount struct{ value decimal.Decimal }

// notation is a number as JSON writes it. The decimal package also takes signs
// in odd places.
var notation = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
})

// Parse reads an amount such as "-12.34". It returns ErrOutOfRange, or an error
// for a text that is no decimal number.
func Parse(text string) (Amount, error) {
	if len(text) > maxTextLength {
		return Amount{}, fmt.Errorf("%w, not a text of %d bytes", ErrOutOfRange, len(text))
	}
	if !notation().MatchString(text) {
		return Amount{}, fmt.Errorf("%q is no decimal number", text)
	}
	value, err := decimal.NewFromString(text)
	if err != nil {
		return Amount{}, fmt.Errorf("%w: %w", ErrOutOfRange, err) // an exponent of 32 bits and more
	}
	return FromDecimal(value)
}

// FromDecimal returns the decimal as an amount, or ErrOutOfRange.
func FromDecimal(value decimal.Decimal) (Amount, error) {
	if value.IsZero() {
		return Amount{}, nil // without its exponent, which may be any
	}
	a := Amount{value}
	return a, a.check()
}

// FromMinor returns an amount that is given in the minor unit of a currency with
// so many decimals: FromMinor(1234, 2) is 12.34.
func FromMinor(units int64, decimals uint8) Amount {
	return Amount{decimal.New(units, -int32(decimals))}
}

// Decimal returns the amount for any other arithmetic; FromDecimal takes the
// result back.
func (a Amount) Decimal() decimal.Decimal { return a.value }

// Percentage returns a part in percent of a whole, to one decimal, half rounded away from
// zero. It is zero for a whole that is not positive.
func Percentage(part, whole Amount) Amount {
	if whole.Sign() <= 0 {
		return Amount{}
	}
	return Amount{part.value.Mul(decimal.NewFromInt(100)).DivRound(whole.value, 1)}
}

// Pounds returns the amount for a text to users, in pence: "£1,234.50" or "-£0.05".
func (a Amount) Pounds() string {
	digits := a.Abs().value.StringFixed(2)
	for i := len(digits) - len(".00") - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if a.Round(2).Sign() < 0 {
		return "-£" + digits
	}
	return "£" + digits
}

// String returns the amount's digits without trailing zeros, such as "-12.5".
func (a Amount) String() string {
	if a.check() != nil {
		return "out of range" // writing it out could take gigabytes
	}
	return a.value.String()
}

// Add returns a + b.
func (a Amount) Add(b Amount) Amount { return Amount{a.value.Add(b.value)} }

// Sub returns a - b.
func (a Amount) Sub(b Amount) Amount { return Amount{a.value.Sub(b.value)} }

// Neg returns -a.
func (a Amount) Neg() Amount { return Amount{a.value.Neg()} }

// Abs returns a without its sign.
func (a Amount) Abs() Amount { return Amount{a.value.Abs()} }

// Round returns a with at most so many decimals, half rounded away from zero.
func (a Amount) Round(decimals uint8) Amount { return Amount{a.value.Round(int32(decimals))} }

// Cmp returns -1, 0 or 1 when a is less than, equal to or more than b.
func (a Amount) Cmp(b Amount) int { return a.value.Cmp(b.value) }

// Equal tells whether a and b are the same amount: 1.5 and 1.50 are.
func (a Amount) Equal(b Amount) bool { return a.value.Equal(b.value) }

// Sign returns -1, 0 or 1 for a negative amount, zero or a positive amount.
func (a Amount) Sign() int { return a.value.Sign() }

// IsZero tells whether a is zero; omitzero in a json tag goes by it.
func (a Amount) IsZero() bool { return a.value.IsZero() }

// Sum returns the sum of the amounts, zero for none.
func Sum(amounts ...Amount) Amount {
	var total Amount
	for _, a := range amounts {
		total = total.Add(a)
	}
	return total
}

// check returns ErrOutOfRange for what DynamoDB could not keep exactly. Only the
// exponent is looked at before anything is written out.
func (a Amount) check() error {
	coefficient, exponent := a.value.Coefficient(), a.value.Exponent()
	if coefficient.Sign() == 0 {
		return nil
	}
	digits := a.value.NumDigits()
	if digits > 4*maxDigits || exponent > maxDigits || exponent < -4*maxDigits {
		return ErrOutOfRange
	}
	digits, exponent = withoutTrailingZeros(coefficient, digits, exponent)
	if digits > maxDigits || -exponent > maxDigits || int32(digits)+exponent > maxDigits {
		return ErrOutOfRange
	}
	return nil
}

func withoutTrailingZeros(coefficient *big.Int, digits int, exponent int32) (int, int32) {
	ten, remainder := big.NewInt(10), new(big.Int)
	for quotient := new(big.Int); ; digits, exponent = digits-1, exponent+1 {
		quotient.QuoRem(coefficient, ten, remainder)
		if remainder.Sign() != 0 {
			return digits, exponent
		}
		coefficient.Set(quotient)
	}
}
