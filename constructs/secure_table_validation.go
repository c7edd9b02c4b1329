package constructs

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/constructs-go/constructs/v10"
)

func (p *SecureTableProps) withDefaults() SecureTableProps {
	d := valueOrZero(p)
	d.PartitionKey.Type = orDefault(d.PartitionKey.Type, StringAttribute)
	d.SortKey.Type = orDefault(d.SortKey.Type, StringAttribute)
	d.RecoveryDays = orDefault(d.RecoveryDays, 35)
	if !d.Disposable {
		d.BackupPlan = orDefault(d.BackupPlan, defaultBackupPlan)
	}
	d.Indexes = slices.Clone(d.Indexes)
	for i := range d.Indexes {
		index := &d.Indexes[i]
		index.PartitionKey.Type = orDefault(index.PartitionKey.Type, StringAttribute)
		index.SortKey.Type = orDefault(index.SortKey.Type, StringAttribute)
		index.Projection = orDefault(index.Projection, ProjectKeysOnly)
	}
	d.LocalIndexes = slices.Clone(d.LocalIndexes)
	for i := range d.LocalIndexes {
		index := &d.LocalIndexes[i]
		index.SortKey.Type = orDefault(index.SortKey.Type, StringAttribute)
		index.Projection = orDefault(index.Projection, ProjectKeysOnly)
	}
	return d
}

// Names of tables and indexes; attribute names have 1 to 255 bytes in a key.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
var tableNamePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html
var tagValuePattern = regexp.MustCompile(`^[A-Za-z0-9 _.:/=+@-]{1,256}$`)

// The quotas of secondary indexes for one table.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const (
	maxIndexes      = 20
	maxLocalIndexes = 5
)

func (p *SecureTableProps) validate(scope constructs.IConstruct) problems {
	var bad problems
	bad.require(tableNamePattern.MatchString(p.Name), "Name",
		"is %q; use 3 to 255 letters, digits, and _ . -", p.Name)
	types := keyTypes{}
	types.check(&bad, "PartitionKey", p.PartitionKey, true)
	types.check(&bad, "SortKey", p.SortKey, false)
	bad.require(p.PartitionKey.Name == "" || p.PartitionKey.Name != p.SortKey.Name, "SortKey",
		"is also the partition key; use another attribute")
	p.validateIndexes(&bad, types)
	bad.require(p.RecoveryDays >= 1 && p.RecoveryDays <= 35, "RecoveryDays", "is %d; use 1 to 35", p.RecoveryDays)
	ttlType, isKey := types[p.TTLAttribute]
	bad.require(!isKey || ttlType == NumberAttribute, "TTLAttribute",
		"%q is a key of another type; DynamoDB reads the time from a number", p.TTLAttribute)
	bad.require(p.BackupPlan == "" || isToken(p.BackupPlan) || tagValuePattern.MatchString(p.BackupPlan), "BackupPlan",
		"is %q; use 1 to 256 letters, digits, spaces and _ . : / = + @ -", p.BackupPlan)
	bad.require(oneOf(p.Stream, "", StreamKeysOnly, StreamNewImage, StreamOldImage, StreamNewAndOldImages), "Stream",
		"is %q; use one of the StreamView constants", p.Stream)
	bad.require(oneOf(p.ContributorInsights, "", ThrottledKeys, AccessedAndThrottledKeys), "ContributorInsights",
		"is %q; use one of the ContributorInsights constants", p.ContributorInsights)
	bad.require(p.MaxReadUnits >= 0, "MaxReadUnits", "is %d; use request units a second, or 0 for no cap", p.MaxReadUnits)
	bad.require(p.MaxWriteUnits >= 0, "MaxWriteUnits", "is %d; use request units a second, or 0 for no cap", p.MaxWriteUnits)
	p.validateReplicas(&bad, scope)
	return bad
}

func (p *SecureTableProps) validateIndexes(bad *problems, types keyTypes) {
	bad.require(len(p.Indexes) <= maxIndexes, "Indexes", "are %d; DynamoDB allows %d", len(p.Indexes), maxIndexes)
	bad.require(len(p.LocalIndexes) <= maxLocalIndexes, "LocalIndexes", "are %d; DynamoDB allows %d", len(p.LocalIndexes), maxLocalIndexes)
	bad.require(len(p.LocalIndexes) == 0 || p.SortKey.Name != "", "LocalIndexes",
		"need a table with a SortKey; DynamoDB has local indexes in such tables only")
	bad.requireWithin(attributesOfIndexes, "Indexes", p.addedAttributes(), "use ProjectAll in some")
	names := map[string]bool{}
	for i, index := range p.Indexes {
		at := fmt.Sprintf("Indexes[%d]", i)
		checkIndex(bad, at, index.Name, names, index.Projection, index.Attributes)
		types.check(bad, at+".PartitionKey", index.PartitionKey, true)
		types.check(bad, at+".SortKey", index.SortKey, false)
	}
	for i, index := range p.LocalIndexes {
		at := fmt.Sprintf("LocalIndexes[%d]", i)
		checkIndex(bad, at, index.Name, names, index.Projection, index.Attributes)
		types.check(bad, at+".SortKey", index.SortKey, true)
	}
}

func checkIndex(bad *problems, at, name string, names map[string]bool, projection Projection, attributes []string) {
	bad.require(tableNamePattern.MatchString(name), at+".Name", "is %q; use 3 to 255 letters, digits, and _ . -", name)
	bad.require(!names[name], at+".Name", "%q is the name of another index too", name)
	names[name] = true
	bad.require(oneOf(projection, ProjectKeysOnly, ProjectInclude, ProjectAll), at+".Projection",
		"is %q; use one of the Projection constants", projection)
	bad.require((projection == ProjectInclude) == (len(attributes) > 0), at+".Attributes",
		"go with ProjectInclude, and only with it")
	bad.requireWithin(attributesOfIndex, at+".Attributes", len(attributes), "use ProjectAll, or add fewer")
}

// addedAttributes counts the attributes that ProjectInclude adds to all indexes. An
// attribute of two indexes counts twice.
func (p *SecureTableProps) addedAttributes() int {
	n := 0
	for _, index := range p.Indexes {
		n += len(index.Attributes)
	}
	for _, index := range p.LocalIndexes {
		n += len(index.Attributes)
	}
	return n
}

// keyTypes holds each key attribute's type. An attribute must have the same type in
// every key.
type keyTypes map[string]AttributeType

func (t keyTypes) check(bad *problems, prop string, key TableKey, required bool) {
	if key.Name == "" {
		bad.require(!required, prop+".Name", "is missing; name the attribute")
		return
	}
	bad.require(len(key.Name) <= 255, prop+".Name", "has %d bytes; DynamoDB allows 255", len(key.Name))
	bad.require(oneOf(key.Type, StringAttribute, NumberAttribute, BinaryAttribute), prop+".Type",
		"is %q; use one of the AttributeType constants", key.Type)
	known, seen := t[key.Name]
	bad.require(!seen || known == key.Type, prop+".Type",
		"is %s, but %q is %s in another key of the table", key.Type, key.Name, known)
	t[key.Name] = key.Type
}
