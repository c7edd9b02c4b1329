package lambdas_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/auth"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/profile"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// tableUse names the domains whose functions use a table.
type tableUse struct{ writers, readers []string }

var (
	writing = []tables.Operation{tables.PutItem, tables.UpdateItem, tables.DeleteItem, tables.BatchWriteItem}
	reading = []tables.Operation{tables.GetItem, tables.Query, tables.BatchGetItem, tables.ConditionCheckItem}
)

// usesOf returns the uses by table. What two functions may do to erase every table of a
// user is left out, because each table would count as used.
func usesOf() map[*tables.Table]*tableUse {
	uses := map[*tables.Table]*tableUse{}
	for _, table := range tables.All() {
		uses[table] = &tableUse{}
	}
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, grant := range f.Permissions.Tables {
				operations, use := withoutErasure(f, grant), uses[grant.Table]
				use.writers = noteUse(use.writers, domain.Name, operations, writing)
				use.readers = noteUse(use.readers, domain.Name, operations, reading)
			}
		}
	}
	return uses
}

// erasures are the permissions of the functions that erase a user.
var erasures = map[*function.Function][]tables.Grant{
	auth.DeleteAccount: erasure.AccountGrants(),
	profile.UserData:   erasure.ContentGrants(),
}

// withoutErasure returns the operations of a function's grant that do not only erase.
func withoutErasure(f *function.Function, grant tables.Grant) (rest []tables.Operation) {
	erased := slices.IndexFunc(erasures[f], func(g tables.Grant) bool { return g.Table == grant.Table })
	if erased < 0 {
		return grant.Operations
	}
	for _, operation := range grant.Operations {
		if !slices.Contains(erasures[f][erased].Operations, operation) {
			rest = append(rest, operation)
		}
	}
	return rest
}

// noteUse adds the domain to the list when an operation is one of the kind.
func noteUse(list []string, domain string, operations, kind []tables.Operation) []string {
	uses := slices.ContainsFunc(operations, func(o tables.Operation) bool { return slices.Contains(kind, o) })
	if !uses || slices.Contains(list, domain) {
		return list
	}
	return append(list, domain)
}

// readOtherwise says how the tables are read for which no function declares a read.
var readOtherwise = map[*tables.Table]string{
	tables.LoginAttempts:      "its writes, which return the item",
	tables.IdempotencyRecords: "its writes, which return the item",
	tables.SecurityEvents:     "operators ([runbook](runbooks/security.md))",
}

func TestTables_EachTable_IsWrittenAndRead(t *testing.T) {
	for table, use := range usesOf() {
		if len(use.writers) == 0 {
			t.Errorf("no function writes %s", table.Name)
		}
		if read := len(use.readers) > 0; read == (readOtherwise[table] != "") {
			t.Errorf("%s: functions read it %v, readOtherwise says %q", table.Name, read, readOtherwise[table])
		}
	}
}

// The first design names these tables, and so do the operators' documents.
func TestTables_NamesOfTheFirstDesign_Exist(t *testing.T) {
	var names []string
	for _, table := range tables.All() {
		names = append(names, table.Name)
	}
	for _, name := range []string{
		"Users", "Transactions", "AIChatHistory", "NotificationHistory", "SecurityEvents", "AIUsageTracking", "ProactiveAlerts", "LoginAttempts", "RateLimits", "RevokedTokens",
	} {
		if !slices.Contains(names, name) {
			t.Errorf("there is no table %s", name)
		}
	}
}

const tablesPage = "../docs/tables.md"

func TestTables_Page_IsCurrent(t *testing.T) {
	page := pageOfTables(t)
	if *update {
		if err := os.WriteFile(tablesPage, page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if written, err := os.ReadFile(tablesPage); err != nil || !bytes.Equal(written, page) {
		t.Errorf("docs/tables.md is out of date: run go test ./lambdas -run TestTables_Page -update (%v)", err)
	}
}

const tablesIntro = `# Tables

This page is generated from the declarations: ` + "`go test ./lambdas -run TestTables_Page -update`" + `. Each table is used: a
function writes it, and a function reads it (` + "`lambdas.TestTables_EachTable_IsWrittenAndRead`" + `). "Written by" and "read by"
name domains, without the two functions that erase all data of a user.

Tables of the class "personal" identify a person; sensitive fields in them are sealed under the user's key
([field encryption](field-encryption.md)). The last column says how the items of a user go when the account is deleted:

- **by user**: the deletion erases the user's partition. With **content**, an erasure of the user's data does so too.
- **by deletion**: the keys are others, and the deletion knows them.
- **by time**: the items do not disclose their user, and expire.

| table | what it is for | class | key | expires by | written by | read by | erased |
|---|---|---|---|---|---|---|---|
`

func pageOfTables(t *testing.T) []byte {
	t.Helper()
	page, uses, purposes := bytes.NewBufferString(tablesIntro), usesOf(), purposesOf(t)
	all := tables.All()
	slices.SortFunc(all, func(a, b *tables.Table) int { return strings.Compare(a.Name, b.Name) })
	for _, table := range all {
		key, expires, erased := "`"+table.PartitionKey.Name+"`", "–", string(table.Erasure)
		if table.SortKey.Name != "" {
			key += ", `" + table.SortKey.Name + "`"
		}
		if table.TimeToLive != "" {
			expires = "`" + table.TimeToLive + "`"
		}
		if table.UserContent {
			erased += ", content"
		}
		readers := domainList(uses[table].readers)
		if other := readOtherwise[table]; other != "" {
			readers = other
		}
		fmt.Fprintf(page, "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n",
			table.Name, purposes[table.Name], table.Class, key, expires, domainList(uses[table].writers), readers, erased)
	}
	return page.Bytes()
}

// domainList returns the domains, or their number when they are many.
func domainList(domains []string) string {
	if len(domains) > 6 {
		return fmt.Sprintf("%d domains", len(domains))
	}
	return strings.Join(domains, ", ")
}

// whereExplained is the part of a comment that names a package.
var whereExplained = regexp.MustCompile(`(?s) \((lambdas/internal|package)[^)]*\)|: package \w+ says how`)

// purposesOf returns what the comment of each table says that it holds, by name.
func purposesOf(t *testing.T) map[string]string {
	t.Helper()
	purposes := map[string]string{}
	files, err := filepath.Glob("tables/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			found, is := declaration.(*ast.GenDecl)
			if !is || found.Tok != token.VAR || len(found.Specs) != 1 {
				continue
			}
			variable := found.Specs[0].(*ast.ValueSpec).Names[0].Name
			sentence := strings.TrimPrefix(new(doc.Package).Synopsis(found.Doc.Text()), variable+" ")
			purposes[variable] = strings.TrimSuffix(whereExplained.ReplaceAllString(sentence, ""), ".")
		}
	}
	return purposes
}
