package lambdas_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/contract"
)

// userFields are the attributes of a user by the names that requests have for them,
// in lower case and without underscores.
var userFields = map[string]string{
	"username": "username", "email": "email", "emailaddress": "email",
	"phone": "phone_number", "phonenumber": "phone_number", "mobile": "phone_number",
	"birthdate": "birthdate", "dateofbirth": "birthdate", "birthday": "birthdate",
	"address": "address", "street": "address", "city": "city", "postcode": "postcode", "zip": "postcode", "country": "country",
	"name": "name", "fullname": "name",
	"givenname": "given_name", "firstname": "given_name", "familyname": "family_name", "lastname": "family_name",
	"gender": "gender", "occupation": "occupation", "company": "company", "preferredcurrency": "preferredCurrency",
}

// lookups are fields that are stored in no account, each with what the rule of the
// stored field would break.
var lookups = map[string]string{
	"POST /auth/login username":                   "an e-mail address stands for a username",
	"POST /auth/login email":                      "an address that no account can have is a wrong password",
	"POST /auth/check-user-status username":       "a name that no account can have is answered like a taken one",
	"POST /auth/confirm-signup username":          "an e-mail address stands for a username",
	"POST /auth/resend-verification username":     "an e-mail address stands for a username",
	"POST /auth/resend-verification email":        "an address that no account can have is answered like any other",
	"POST /auth/forgot-password username":         "an e-mail address stands for a username",
	"POST /auth/confirm-forgot-password username": "an e-mail address stands for a username",
	"POST /auth/apple-login email":                "it is not used: the token says the address",
	"POST /auth/google-login user.email":          "it is not used: the token says the address",
	"POST /auth/google-login user.name":           "it is not used: the token says the name",
	"POST /auth/google-login user.givenName":      "it is not used: the token says the name",
	"POST /auth/google-login user.familyName":     "it is not used: the token says the name",
	"POST /auth/send-verification-email username": "an e-mail address stands for a username",
	"POST /bills/detected bills.name":             "it is the name of a bill",
	"POST /transactions/import-csv bank.name":     "it is the name of a bank",
}

// A rule about a personal field holds wherever a request brings the field, whatever
// the request calls it.
func TestRequests_FieldsOfAUser_HaveTheRuleOfTheStoredField(t *testing.T) {
	stored := map[string]bool{}
	for _, rule := range tables.UserRules() {
		stored[rule.Attribute] = true
	}
	needed := map[string]bool{}
	for key, route := range contract.DeclaredRoutes(lambdas.Domains()) {
		for _, field := range leaves("", reflect.TypeOf(route.NewRequest()).Elem()) {
			name := field.path[strings.LastIndex(field.path, ".")+1:]
			attribute, is := userFields[strings.ReplaceAll(strings.ToLower(name), "_", "")]
			if !is {
				continue
			}
			if !stored[attribute] {
				t.Fatalf("%s is no field of tables.User with a rule", attribute)
			}
			place := key + " " + field.path
			if slices.Contains(strings.Split(field.rules, ","), validation.UserRule(attribute)) {
				continue
			}
			needed[place] = true
			if lookups[place] == "" {
				t.Errorf("%s has the rules %q, without %q", place, field.rules, validation.UserRule(attribute))
			}
		}
	}
	for place := range lookups {
		if !needed[place] {
			t.Errorf("%s: there is nothing to except", place)
		}
	}
}

// leaf is a field of a request that is no object.
type leaf struct{ path, rules string }

func leaves(path string, typ reflect.Type) []leaf {
	var found []leaf
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[function.NoInput]() {
		return nil
	}
	for _, field := range reflect.VisibleFields(typ) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		if below := leaves(path+name+".", field.Type); below != nil {
			found = append(found, below...)
			continue
		}
		found = append(found, leaf{path + name, field.Tag.Get("validate")})
	}
	return found
}

var opensUsers = regexp.MustCompile(`\(\w+, tables\.Users\)`)

// Package accounts holds every write of a user to the rules, so no other package
// may write one.
func TestUsers_AreWrittenByPackageAccountsAlone(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "test.go") || strings.HasSuffix(path, "doc.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		opens := strings.Contains(string(source), "NewSchema[tables.User]") || opensUsers.Match(source)
		if opens && !strings.HasPrefix(path, filepath.Join("internal", "accounts")+string(filepath.Separator)) {
			t.Errorf("%s opens the table of users", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
