package plaintext

import (
	"regexp"
	"strings"
)

// Reference stands for a part of a value that is known only at deployment.
const Reference = "…"

// resolved matches the dynamic references that CloudFormation resolves to the
// secret itself.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
var resolved = regexp.MustCompile(`\{\{resolve:(secretsmanager|ssm-secure):`)

// secretAttributes are the secret attributes of resources, such as ClientSecret in
// {"Fn::GetAtt": ["Client", "ClientSecret"]}.
var secretAttributes = regexp.MustCompile(`^(ClientSecret|SecretAccessKey|MasterUserPassword|AuthToken|ApiKey|SecretString)$`)

// IsSecretAttribute reports whether an attribute of a CloudFormation resource, such
// as ClientSecret, is a secret. CloudFormation would resolve it wherever it is
// passed.
func IsSecretAttribute(name string) bool { return secretAttributes.MatchString(name) }

// Words of a variable's name. The last word decides: DB_PASSWORD_ARN is an ARN.
var (
	// Values under these names are secrets unless they match plainValue or
	// pathValue.
	passwordName = regexp.MustCompile(`(?i)(^|_)(pass|passwd|password|passphrase|pwd|pepper|salt|token|credentials?|` +
		`(api|private|signing|encryption|hmac|secret|access|auth|master|jwt|webhook)_?keys?)s?(_|$)`)
	// Values under these names are often the name of a secret.
	secretName = regexp.MustCompile(`(?i)(^|_)secrets?(_|$)`)
	// Endings of names that describe a secret without containing it.
	aboutSecret = regexp.MustCompile(`(?i)_(algorithm|alias|arns?|audience|count|days|enabled|endpoint|file|header|hours|ids?|issuer|key_id|keys?_ids?|` +
		`length|limit|max|min|minutes|mode|names?|param|parameter|path|policy|prefix|ref|region|required|seconds|stage|store|table|ttl|type|ur[il]|version)$`)
)

// Values that are no secrets under any name: numbers, durations, booleans, ARNs,
// and addresses without credentials.
var plainValue = regexp.MustCompile(`(?i)^([0-9]{1,5}|[0-9.]+(ms|s|m|h|d)|true|false|on|off|yes|no|none|arn:\S+|[a-z][a-z0-9+.-]*://\S+)$`)

var (
	// shop/prod/db, /shop/prod/db-password2, alias/shop-prod: words between slashes.
	pathValue = regexp.MustCompile(`^/?[A-Za-z]+[0-9]{0,3}([-_./@]([A-Za-z]+[0-9]{0,3}|[0-9]{1,3}))*(/[A-Za-z]+[0-9]{0,3}([-_.@]([A-Za-z]+[0-9]{0,3}|[0-9]{1,3}))*)+(#\w+)?$`)
	// Words with at most three digits each: shop-prod-db, shop_prod_db,
	// shop.prod.db.
	nameValue = regexp.MustCompile(`^[A-Za-z]+[0-9]{0,3}([-_./][A-Za-z]+[0-9]{0,3}|[-_./][0-9]{1,3})+$`)
)

// InVariable returns the kind of secret that an environment variable contains, and
// whether it contains one. The value is written as in the template, with Reference
// for each part that is known only at deployment.
func InVariable(name, value string) (what string, found bool) {
	if resolved.MatchString(value) {
		return "a reference that CloudFormation replaces by the secret", true
	}
	if what, found := Known(value); found {
		return what, true
	}
	if isRandom(value) {
		return "random characters, as keys have", true
	}
	if value == "" || strings.Contains(value, Reference) || plainValue.MatchString(value) || pathValue.MatchString(value) || aboutSecret.MatchString(name) {
		return "", false
	}
	if passwordName.MatchString(name) || secretName.MatchString(name) && !nameValue.MatchString(value) {
		return "a value under the name of a secret", true
	}
	return "", false
}
