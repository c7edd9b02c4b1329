// Package storedcompat compares what the functions store and send with what the last
// release stores and sends.
//
// While a release is watched, and after a rollback, the versions before and after read
// each other's items and messages. So an attribute may be added, and may go or change its
// type only after a release that no longer uses it (docs/releases.md).
package storedcompat

import (
	"fmt"
	"go/types"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Schema is the attributes of each type, by the type's name. An attribute's value says how
// it is encoded.
type Schema map[string]map[string]string

const (
	tablesPackage   = "/lambdas/tables"
	functionPackage = "/lambdas/function"
)

// Read returns the schema of the items (the structs of package tables) and of the messages
// (the types of topics and queues) of the module in the folder.
func Read(dir string) (Schema, error) {
	config := &packages.Config{Dir: dir, Mode: packages.NeedName | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedSyntax | packages.NeedImports | packages.NeedDeps}
	loaded, err := packages.Load(config, "./lambdas/...")
	if err != nil {
		return nil, err
	}
	schema := Schema{}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("load %s: %w", p.PkgPath, p.Errors[0])
		}
		if strings.HasSuffix(p.PkgPath, tablesPackage) {
			schema.addItems(p)
		}
		schema.addMessages(p)
	}
	return schema, nil
}

func (s Schema) addItems(p *packages.Package) {
	for _, name := range p.Types.Scope().Names() {
		fields, ok := p.Types.Scope().Lookup(name).Type().Underlying().(*types.Struct)
		if attributes := map[string]string{}; ok && addFields(attributes, fields, "dynamodbav") {
			s["item "+name] = attributes
		}
	}
}

// addMessages adds the types that function.NewTopic and function.NewQueue are called with.
func (s Schema) addMessages(p *packages.Package) {
	for called, instance := range p.TypesInfo.Instances {
		declared := p.TypesInfo.Uses[called]
		if declared == nil || declared.Pkg() == nil || !strings.HasSuffix(declared.Pkg().Path(), functionPackage) ||
			!slices.Contains([]string{"NewTopic", "NewQueue"}, declared.Name()) {
			continue
		}
		message := instance.TypeArgs.At(0)
		fields, ok := message.Underlying().(*types.Struct)
		if attributes := map[string]string{}; ok && addFields(attributes, fields, "json") {
			s["message "+shortName(message)] = attributes
		}
	}
}

// shortName returns the name of a type with the last element of its package's path.
func shortName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return path.Base(p.Path()) })
}

// addFields adds the fields that have a tag with the key, embedded ones among them, and
// reports whether there is one.
func addFields(attributes map[string]string, fields *types.Struct, key string) (found bool) {
	for i := range fields.NumFields() {
		field, tag := fields.Field(i), reflect.StructTag(fields.Tag(i))
		name, options, _ := strings.Cut(tag.Get(key), ",")
		embedded, isStruct := field.Type().Underlying().(*types.Struct)
		switch {
		case name == "-":
		case name == "" && field.Embedded() && isStruct:
			found = addFields(attributes, embedded, key) || found
		case name != "":
			found = true
			encoding := encodingOf(field.Type(), key)
			if strings.Contains(options, "set") {
				encoding += " set"
			}
			if strings.Contains(tag.Get("validate"), "required") {
				encoding += " required"
			}
			attributes[name] = encoding
		}
	}
	return found
}

// marshalers are the methods by which a type decides itself how it is encoded.
var marshalers = map[string]string{"dynamodbav": "MarshalDynamoDBAttributeValue", "json": "MarshalJSON"}

// encodingOf describes how a value is encoded. The name of a Go type is no part of it,
// unless the type encodes itself.
func encodingOf(t types.Type, key string) string {
	if named, is := t.(*types.Named); is && encodesItself(named, key) {
		return shortName(t)
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return encodingOf(u.Elem(), key)
	case *types.Slice:
		return "list of " + encodingOf(u.Elem(), key)
	case *types.Map:
		return "map of " + encodingOf(u.Elem(), key)
	case *types.Struct:
		attributes := map[string]string{}
		if !addFields(attributes, u, key) {
			return shortName(t)
		}
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(attributes)) {
			parts = append(parts, name+": "+attributes[name])
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case *types.Basic:
		switch {
		case u.Info()&types.IsNumeric != 0:
			return "number"
		case u.Info()&types.IsBoolean != 0:
			return "boolean"
		}
		return "string"
	default:
		return shortName(t)
	}
}

func encodesItself(named *types.Named, key string) bool {
	set := types.NewMethodSet(types.NewPointer(named))
	for i := range set.Len() {
		if name := set.At(i).Obj().Name(); name == marshalers[key] || name == "MarshalText" {
			return true
		}
	}
	return false
}
