package tables_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/redact"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const address = "ada@example.com"

func TestEncryptedString_IsHiddenInLogsTextsAndJSON(t *testing.T) {
	user := tables.User{Username: "countess", Email: address}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if text := fmt.Sprintf(verb+" "+verb, user, user.Email); strings.Contains(text, "example") || strings.Contains(text, "6164") {
			t.Errorf("%s prints %s", verb, text)
		}
	}
	body, err := json.Marshal(user)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		slog.New(handler).Info("x", "user", user, "email", user.Email)
	}
	for _, text := range []string{string(body), log.String()} {
		if strings.Contains(text, address) || !strings.Contains(text, redact.Marker) {
			t.Errorf("shown as %s", text)
		}
	}
}

func TestEncryptedString_SDKMarshaller_IsRefused(t *testing.T) {
	if _, err := attributevalue.MarshalMap(tables.User{Email: address}); !errors.Is(err, tables.ErrNotSealed) {
		t.Errorf("MarshalMap: %v", err)
	}
	set := expression.Set(expression.Name("email"), expression.Value(tables.EncryptedString(address)))
	if _, err := expression.NewBuilder().WithUpdate(set).Build(); err == nil {
		t.Error("an update expression took the clear text")
	}
	item := map[string]types.AttributeValue{"email": &types.AttributeValueMemberS{Value: address}}
	if err := attributevalue.UnmarshalMap(item, &tables.User{}); !errors.Is(err, tables.ErrNotSealed) {
		t.Errorf("UnmarshalMap: %v", err)
	}
}

// Were EncryptedString an alias of string, an attribute could be built from it by hand.
func TestEncryptedString_IsNoStringToTheCompiler(t *testing.T) {
	if reflect.TypeFor[tables.EncryptedString]().AssignableTo(reflect.TypeFor[string]()) {
		t.Error("an EncryptedString can be assigned to a string")
	}
}

func TestUser_PersonalFields_AreEncryptedStrings(t *testing.T) {
	private := map[string]bool{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[tables.User]()) {
		name, _, _ := strings.Cut(field.Tag.Get("dynamodbav"), ",")
		private[name] = field.Type == reflect.TypeFor[tables.EncryptedString]()
	}
	for _, name := range []string{"email", "phone_number", "birthdate", "address", "city", "postcode", "country"} {
		if !private[name] {
			t.Errorf("%s is stored in clear", name)
		}
	}
}
