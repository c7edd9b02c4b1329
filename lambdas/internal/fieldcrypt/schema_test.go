package fieldcrypt_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var (
	users   = fieldcrypt.NewSchema[tables.User](tables.Users)
	profile = tables.User{
		UserID: "ada", Username: "countess", GivenName: "Ada", CreatedAt: 1,
		Email: "ada@example.com", PhoneNumber: "+442079460000", Birthdate: "12/10/1985", Address: "12 St James's Square, London",
	}
	personal = []string{"email", "phone_number", "birthdate", "address"}
)

// connections is a table with a sort key, whose items hold one secret each.
var connections = &tables.Table{
	Name:         "Connections",
	PartitionKey: tables.Attribute{Name: "userId", Type: tables.String},
	SortKey:      tables.Attribute{Name: "at", Type: tables.Number},
}

type connection struct {
	UserID string                 `dynamodbav:"userId"`
	At     int                    `dynamodbav:"at"`
	Token  tables.EncryptedString `dynamodbav:"token"`
}

func adasKey(t testing.TB) *fieldcrypt.DataKey {
	t.Helper()
	return mustNew(t, fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{}), ada)
}

func mustMarshal[T any](t testing.TB, schema *fieldcrypt.Schema[T], key *fieldcrypt.DataKey, item T) map[string]types.AttributeValue {
	t.Helper()
	attributes, err := schema.Marshal(key, item)
	if err != nil {
		t.Fatal(err)
	}
	return attributes
}

func bytesOf(t testing.TB, value types.AttributeValue) []byte {
	t.Helper()
	binary, ok := value.(*types.AttributeValueMemberB)
	if !ok {
		t.Fatalf("the attribute is %T, not binary", value)
	}
	return binary.Value
}

func TestSchema_MarshalledItem_IsSealedAndReadable(t *testing.T) {
	key := adasKey(t)
	item := mustMarshal(t, users, key, profile)
	for _, name := range personal {
		bytesOf(t, item[name])
	}
	for name, value := range item {
		for _, clear := range []string{"example.com", "2079460000", "1985", "James"} {
			if strings.Contains(fmt.Sprintf("%s", reflect.ValueOf(value).Elem().Field(0)), clear) {
				t.Errorf("%s holds %q in clear", name, clear)
			}
		}
	}
	if profile.Email != "ada@example.com" {
		t.Error("marshalling changed the caller's item")
	}
	back, err := users.Unmarshal(key, item)
	if err != nil || !reflect.DeepEqual(back, profile) {
		t.Errorf("what came back differs: %v", err)
	}
	if _, sealed := item["email"]; !sealed {
		t.Error("unmarshalling changed the caller's attributes")
	}
}

func TestMarshal_SameTextTwice_SealsDifferently(t *testing.T) {
	key := adasKey(t)
	one, two := mustMarshal(t, users, key, profile), mustMarshal(t, users, key, profile)
	if bytes.Equal(bytesOf(t, one["email"]), bytesOf(t, two["email"])) {
		t.Error("two sealings are equal: equality of fields leaks")
	}
}

func TestMarshal_EmptyField_IsLeftOut(t *testing.T) {
	key := adasKey(t)
	none := profile
	none.Email, none.Address = "", "" // one with and one without omitempty in its tag
	item := mustMarshal(t, users, key, none)
	if item["email"] != nil || item["address"] != nil {
		t.Errorf("stored %v, %v", item["email"], item["address"])
	}
	if back, err := users.Unmarshal(key, item); err != nil || back.Email != "" || back.Address != "" {
		t.Errorf("came back as something else: %v", err)
	}
}

func TestUnmarshal_TamperedItem_Fails(t *testing.T) {
	key := adasKey(t)
	stranger := profile
	stranger.UserID = "bob"
	others := mustMarshal(t, users, key, stranger)
	for name, tamper := range map[string]func(item map[string]types.AttributeValue){
		"another field's value": func(item map[string]types.AttributeValue) { item["email"] = item["address"] },
		"another item's value":  func(item map[string]types.AttributeValue) { item["email"] = others["email"] },
		"another item's key":    func(item map[string]types.AttributeValue) { item["userId"] = others["userId"] },
		"a value in clear":      func(item map[string]types.AttributeValue) { item["email"] = &types.AttributeValueMemberS{Value: "x"} },
		"a value in clear, bytes": func(item map[string]types.AttributeValue) {
			item["email"] = &types.AttributeValueMemberB{Value: []byte("x")}
		},
		"null": func(item map[string]types.AttributeValue) {
			item["email"] = &types.AttributeValueMemberNULL{Value: true}
		},
	} {
		item := maps.Clone(mustMarshal(t, users, key, profile))
		tamper(item)
		got, err := users.Unmarshal(key, item)
		if !errors.Is(err, fieldcrypt.ErrCannotOpen) || !strings.Contains(err.Error(), "Users.email") && name != "another item's key" {
			t.Errorf("%s: got %v", name, err)
		}
		if !reflect.DeepEqual(got, tables.User{}) {
			t.Errorf("%s: a part of the item was returned", name)
		}
	}
}

func TestUnmarshal_OtherUsersKey_Fails(t *testing.T) {
	item := mustMarshal(t, users, adasKey(t), profile)
	if _, err := users.Unmarshal(adasKey(t), item); !errors.Is(err, fieldcrypt.ErrCannotOpen) || !strings.Contains(err.Error(), "another data key") {
		t.Errorf("got %v", err)
	}
}

func TestUnmarshal_OtherSortKey_Fails(t *testing.T) {
	type anyTime struct {
		UserID string                 `dynamodbav:"userId"`
		At     any                    `dynamodbav:"at"` // takes a key of any type
		Token  tables.EncryptedString `dynamodbav:"token"`
	}
	schema := fieldcrypt.NewSchema[anyTime](connections)
	key := adasKey(t)
	item := mustMarshal(t, schema, key, anyTime{UserID: "ada", At: 1, Token: "t"})
	for _, at := range []types.AttributeValue{
		&types.AttributeValueMemberN{Value: "2"}, &types.AttributeValueMemberS{Value: "1"}, &types.AttributeValueMemberB{Value: []byte("1")},
	} {
		moved := maps.Clone(item)
		moved["at"] = at
		if _, err := schema.Unmarshal(key, moved); !errors.Is(err, fieldcrypt.ErrCannotOpen) {
			t.Errorf("under the sort key %v: got %v", at, err)
		}
	}
	if back, err := schema.Unmarshal(key, item); err != nil || back.Token != "t" {
		t.Errorf("does not open in its place: %v", err)
	}
}

func TestMarshal_MissingKeyAttribute_IsRefused(t *testing.T) {
	key := adasKey(t)
	item := mustMarshal(t, users, key, profile)
	delete(item, "userId")
	if _, err := users.Unmarshal(key, item); err == nil || !strings.Contains(err.Error(), "userId") {
		t.Errorf("got %v", err)
	}
}

func TestSchemaUpdate_ChangesDifferencesOnly(t *testing.T) {
	key := adasKey(t)
	after := profile
	after.Email, after.Address = "countess@example.com", ""
	after.Username, after.Occupation = "ada", "analyst"
	before := profile
	before.Company = "Analytical Engines"
	change, err := users.Update(key, before, after)
	if err != nil {
		t.Fatal(err)
	}
	built, err := expression.NewBuilder().WithUpdate(change).Build()
	if err != nil {
		t.Fatal(err)
	}
	set, removed := applied(t, built)
	if len(set) != 3 || len(removed) != 2 || !removed["address"] || !removed["company"] {
		t.Fatalf("sets %v and removes %v", set, removed)
	}
	// What is set must be what Marshal would store, so put it into the stored item and open that.
	item := mustMarshal(t, users, key, before)
	maps.Copy(item, set)
	for name := range removed {
		delete(item, name)
	}
	if back, err := users.Unmarshal(key, item); err != nil || !reflect.DeepEqual(back, after) {
		t.Errorf("the updated item is not the new version: %v", err)
	}
}

// applied reads the attributes that an update sets and removes.
func applied(t *testing.T, e expression.Expression) (set map[string]types.AttributeValue, removed map[string]bool) {
	t.Helper()
	set, removed = map[string]types.AttributeValue{}, map[string]bool{}
	for line := range strings.SplitSeq(strings.TrimSpace(*e.Update()), "\n") {
		verb, list, _ := strings.Cut(line, " ")
		for part := range strings.SplitSeq(list, ", ") {
			name, value, _ := strings.Cut(part, " = ")
			switch verb {
			case "SET":
				set[e.Names()[name]] = e.Values()[value]
			case "REMOVE":
				removed[e.Names()[name]] = true
			default:
				t.Fatalf("unexpected %q", line)
			}
		}
	}
	return set, removed
}

func TestSchemaUpdate_DifferentKeys_IsRefused(t *testing.T) {
	after := profile
	after.UserID = "bob"
	if _, err := users.Update(adasKey(t), profile, after); err == nil {
		t.Error("the item was given to bob")
	}
}

type (
	noStruct  string
	noPrivate struct {
		UserID string `dynamodbav:"userId"`
	}
	noName struct {
		UserID string `dynamodbav:"userId"`
		Email  tables.EncryptedString
	}
	hidden struct {
		UserID string                 `dynamodbav:"userId"`
		email  tables.EncryptedString `dynamodbav:"email"`
	}
	noKey struct {
		Email tables.EncryptedString `dynamodbav:"email"`
	}
	privateKey struct {
		UserID tables.EncryptedString `dynamodbav:"userId"`
	}
	deep struct {
		UserID string `dynamodbav:"userId"`
		Kin    map[string][]*struct{ Email tables.EncryptedString }
	}
	embedding struct {
		UserID string `dynamodbav:"userId"`
		connection
	}
	recursive struct {
		UserID string                 `dynamodbav:"userId"`
		Email  tables.EncryptedString `dynamodbav:"email"`
		Next   *recursive
	}
)

var _ = hidden{}.email

func TestNewSchema_InvalidType_Panics(t *testing.T) {
	for name, try := range map[string]struct {
		plan func()
		want string
	}{
		"no struct":                {func() { fieldcrypt.NewSchema[noStruct](tables.Users) }, "no struct"},
		"nothing private":          {func() { fieldcrypt.NewSchema[noPrivate](tables.Users) }, "no field of type tables.EncryptedString"},
		"a field without a name":   {func() { fieldcrypt.NewSchema[noName](tables.Users) }, "must be exported and have a tag"},
		"a field not exported":     {func() { fieldcrypt.NewSchema[hidden](tables.Users) }, "must be exported and have a tag"},
		"no field for the key":     {func() { fieldcrypt.NewSchema[noKey](tables.Users) }, "key attribute userId"},
		"a key that is private":    {func() { fieldcrypt.NewSchema[privateKey](tables.Users) }, "key attribute userId"},
		"no field for a sort key":  {func() { fieldcrypt.NewSchema[tables.User](connections) }, "key attribute at"},
		"private texts in a map":   {func() { fieldcrypt.NewSchema[deep](tables.Users) }, "deep.Kin holds a tables.EncryptedString inside"},
		"private texts embedded":   {func() { fieldcrypt.NewSchema[embedding](tables.Users) }, "holds a tables.EncryptedString inside"},
		"a type that holds itself": {func() { fieldcrypt.NewSchema[recursive](tables.Users) }, "holds a tables.EncryptedString inside"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if message := fmt.Sprint(recover()); !strings.Contains(message, try.want) {
					t.Errorf("panicked with %s, want %q", message, try.want)
				}
			}()
			try.plan()
		})
	}
}
