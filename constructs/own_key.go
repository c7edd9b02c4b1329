package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
)

// ownKey describes the DataKey that a construct makes for a resource when the
// caller gives no key.
type ownKey struct {
	services    []KeyService
	aliasPrefix string // the alias is <aliasPrefix>/<name>
	kind        string // of the resource, such as "table"
	name        string // of the resource
	disposable  bool
}

// keyOrOwn returns the given key, or makes the construct's own key where it is nil.
func keyOrOwn(scope constructs.Construct, given awskms.IKey, own ownKey) awskms.IKey {
	if given != nil {
		return given
	}
	return NewDataKey(scope, "EncryptionKey", &DataKeyProps{
		Alias:       ownKeyAlias(own.aliasPrefix, own.name),
		Description: "Encrypts the " + own.kind + " " + own.name,
		Services:    own.services,
		Disposable:  own.disposable,
	}).Key
}

// ownKeyAlias returns the alias of a construct's own key. The prefix gives a table,
// a bucket and a topic of one name an alias each. A table's name may contain dots,
// which derivedName replaces because an alias may not.
func ownKeyAlias(prefix, name string) string {
	return derivedName(prefix+"/"+name, notAllowedInAlias, maxAliasLength)
}
