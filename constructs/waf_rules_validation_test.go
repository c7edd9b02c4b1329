package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/constructs"
)

func TestWebACLRules_InvalidProps_AreRefused(t *testing.T) {
	many := make([]constructs.PathRate, 9) // 1208 + 9 * 24, 23 for the paths of three limits, and 23 for each: more than 1500 units
	for i := range many {
		many[i] = constructs.PathRate{PathPrefix: fmt.Sprintf("/p%d/", i), Requests: 10}
	}
	path := func(r constructs.PathRate) constructs.WebACLRules {
		return constructs.WebACLRules{PerPath: []constructs.PathRate{r}}
	}
	body := func(l ...constructs.BodyLimit) constructs.WebACLRules { return constructs.WebACLRules{BodyLimits: l} }
	groups := func(g constructs.ManagedRuleGroup, action constructs.RuleAction) constructs.WebACLRules {
		return constructs.WebACLRules{ManagedGroups: map[constructs.ManagedRuleGroup]constructs.RuleAction{g: action}}
	}
	counted := func(g constructs.ManagedRuleGroup, rule string) constructs.WebACLRules {
		return constructs.WebACLRules{CountedManagedRules: map[constructs.ManagedRuleGroup][]string{g: {rule}}}
	}
	answer := func(body string) constructs.WebACLRules {
		return constructs.WebACLRules{Responses: constructs.BlockResponses{Refused: body}}
	}
	cases := map[string]struct {
		rules constructs.WebACLRules
		props []string
	}{
		"rate too low":        {constructs.WebACLRules{PerAddress: constructs.RateLimit{Requests: 9}}, []string{"Rules.PerAddress.Requests"}},
		"rate too high":       {constructs.WebACLRules{PerAddress: constructs.RateLimit{Requests: 2_000_000_001}}, []string{"Rules.PerAddress.Requests"}},
		"window":              {constructs.WebACLRules{PerAddress: constructs.RateLimit{Window: time.Hour}}, []string{"Rules.PerAddress.Window"}},
		"rate action":         {constructs.WebACLRules{PerAddress: constructs.RateLimit{Action: "Allow"}}, []string{"Rules.PerAddress.Action"}},
		"path without rate":   {path(constructs.PathRate{PathPrefix: "/a"}), []string{"Rules.PerPath[0].Requests"}},
		"path window":         {path(constructs.PathRate{PathPrefix: "/a", Requests: 10, Window: time.Second}), []string{"Rules.PerPath[0].Window"}},
		"path action":         {path(constructs.PathRate{PathPrefix: "/a", Requests: 10, Action: "Allow"}), []string{"Rules.PerPath[0].Action"}},
		"path missing":        {path(constructs.PathRate{Requests: 10}), []string{"Rules.PerPath[0].PathPrefix"}},
		"path of everything":  {path(constructs.PathRate{PathPrefix: "/", Requests: 10}), []string{"Rules.PerPath[0].PathPrefix"}},
		"path relative":       {path(constructs.PathRate{PathPrefix: "a", Requests: 10}), []string{"Rules.PerPath[0].PathPrefix"}},
		"path encoded":        {path(constructs.PathRate{PathPrefix: "/%61", Requests: 10}), []string{"Rules.PerPath[0].PathPrefix"}},
		"path not normal":     {path(constructs.PathRate{PathPrefix: "/a//b", Requests: 10}), []string{"Rules.PerPath[0].PathPrefix"}},
		"path with dots":      {path(constructs.PathRate{PathPrefix: "/a/../b", Requests: 10}), []string{"Rules.PerPath[0].PathPrefix"}},
		"path ends in a dot":  {path(constructs.PathRate{PathPrefix: "/a/.", Requests: 10}), []string{"Rules.PerPath[0].PathPrefix"}},
		"path twice":          {path(constructs.PathRate{PathPrefix: "/a", AlsoUnder: []string{"/a"}, Requests: 10}), []string{"Rules.PerPath[0].AlsoUnder[0]"}},
		"also under nothing":  {path(constructs.PathRate{PathPrefix: "/a", AlsoUnder: []string{""}, Requests: 10}), []string{"Rules.PerPath[0].AlsoUnder[0]"}},
		"forwarder's secret":  {constructs.WebACLRules{Forwarder: constructs.Forwarder{SecretName: "a b"}}, []string{"Rules.Forwarder.SecretName"}},
		"forwarder's version": {constructs.WebACLRules{Forwarder: constructs.Forwarder{SecretName: "a", SecretVersion: "2"}}, []string{"Rules.Forwarder.SecretVersion"}},
		"forwarder's rate": {constructs.WebACLRules{Forwarder: constructs.Forwarder{SecretName: "a", PerPath: []constructs.PathRate{{PathPrefix: "/a"}}}},
			[]string{"Rules.Forwarder.PerPath[0].Requests"}},
		"most units below AWS's":  {constructs.WebACLRules{MaxWCU: 1499}, []string{"Rules.MaxWCU"}},
		"most units beyond AWS's": {constructs.WebACLRules{MaxWCU: 5001}, []string{"Rules.MaxWCU"}},
		"country unknown":         {constructs.WebACLRules{GeoRestriction: constructs.GeoRestriction{AllowedCountries: []string{"GB", "UK"}}}, []string{"Rules.GeoRestriction.AllowedCountries[1]"}},
		"country small":           {constructs.WebACLRules{GeoRestriction: constructs.GeoRestriction{BlockedCountries: []string{"gb"}}}, []string{"Rules.GeoRestriction.BlockedCountries[0]"}},
		"countries both":          {constructs.WebACLRules{GeoRestriction: constructs.GeoRestriction{AllowedCountries: []string{"GB"}, BlockedCountries: []string{"FR"}}}, []string{"Rules.GeoRestriction"}},
		"countries action":        {constructs.WebACLRules{GeoRestriction: constructs.GeoRestriction{Action: "Allow"}}, []string{"Rules.GeoRestriction.Action"}},
		"body negative":           {constructs.WebACLRules{MaxBodyBytes: -1}, []string{"Rules.MaxBodyBytes"}},
		"body out of sight":       {constructs.WebACLRules{MaxBodyBytes: 65537}, []string{"Rules.MaxBodyBytes"}},
		"body action":             {constructs.WebACLRules{BodyAction: "Allow"}, []string{"Rules.BodyAction"}},
		"body path":               {body(constructs.BodyLimit{MaxBytes: 1}), []string{"Rules.BodyLimits[0].PathPrefix"}},
		"body path twice":         {body(constructs.BodyLimit{PathPrefix: "/a", MaxBytes: 1}, constructs.BodyLimit{PathPrefix: "/a", MaxBytes: 2}), []string{"Rules.BodyLimits[1].PathPrefix"}},
		"body limit missing":      {body(constructs.BodyLimit{PathPrefix: "/a"}), []string{"Rules.BodyLimits[0].MaxBytes"}},
		"body limit too high":     {body(constructs.BodyLimit{PathPrefix: "/a", MaxBytes: 65537}), []string{"Rules.BodyLimits[0].MaxBytes"}},
		"body limit and none":     {body(constructs.BodyLimit{PathPrefix: "/a", MaxBytes: 1, AnyLength: true}), []string{"Rules.BodyLimits[0].MaxBytes"}},
		"group unknown":           {groups("AWSManagedRulesPHPRuleSet", constructs.RuleCount), []string{"Rules.ManagedGroups"}},
		"group action":            {groups(constructs.SQLInjection, "Allow"), []string{"Rules.ManagedGroups[AWSManagedRulesSQLiRuleSet]"}},
		"counted in unknown":      {counted("AWSManagedRulesPHPRuleSet", "X"), []string{"Rules.CountedManagedRules"}},
		"counted unknown":         {counted(constructs.SQLInjection, "SQLi_Body"), []string{"Rules.CountedManagedRules[AWSManagedRulesSQLiRuleSet][0]"}},
		"answer no JSON":          {answer("no"), []string{"Rules.Responses.Refused"}},
		"answer no object":        {answer(`"no"`), []string{"Rules.Responses.Refused"}},
		"answer null":             {answer("null"), []string{"Rules.Responses.Refused"}},
		"answer too long":         {answer(`{"a":"` + strings.Repeat("a", 4096) + `"}`), []string{"Rules.Responses.Refused"}},
		"other answer":            {constructs.WebACLRules{Responses: constructs.BlockResponses{TooManyRequests: "no"}}, []string{"Rules.Responses.TooManyRequests"}},
		"answers of no path":      {responses(constructs.PathResponses{TooManyRequests: "{}", Refused: "{}"}), []string{"Rules.Responses.PerPath[0].PathPrefix"}},
		"path without bodies":     {responses(constructs.PathResponses{PathPrefix: "/a"}), []string{"Rules.Responses.PerPath[0].TooManyRequests", "Rules.Responses.PerPath[0].Refused"}},
		"answer's type":           {constructs.WebACLRules{Responses: constructs.BlockResponses{Headers: map[string]string{"Content-Type": "text/html"}}}, []string{"Rules.Responses.Headers"}},
		"confirmed unknown group": {confirmed("AWSManagedRulesPHPRuleSet", "x", "PHP_BODY"), []string{"Rules.ConfirmedManagedRules[0].Group"}},
		"confirmed query":         {confirmed(constructs.SQLInjection, "x", "SQLi_QUERYARGUMENTS"), []string{"Rules.ConfirmedManagedRules[0].Rules"}},
		"confirmed no rule":       {confirmed(constructs.SQLInjection, "x"), []string{"Rules.ConfirmedManagedRules[0].Rules"}},
		"confirmed by nothing":    {confirmed(constructs.SQLInjection, "", "SQLi_BODY"), []string{"Rules.ConfirmedManagedRules[0].BodyPatterns"}},
		"confirmed by no pattern": {confirmed(constructs.SQLInjection, "(", "SQLi_BODY"), []string{"Rules.ConfirmedManagedRules[0].BodyPatterns"}},
		"pattern too long":        {confirmed(constructs.SQLInjection, strings.Repeat("a", 197), "SQLi_BODY"), []string{"Rules.ConfirmedManagedRules[0].BodyPatterns"}},
		"too much":                {constructs.WebACLRules{PerPath: many, BodyLimits: []constructs.BodyLimit{{PathPrefix: "/a", MaxBytes: 1}, {PathPrefix: "/b", MaxBytes: 1}, {PathPrefix: "/c", MaxBytes: 1}}}, []string{"Rules"}},
	}
	stack := newStack()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			refused(t, func() {
				constructs.NewRegionalWebACL(stack, name, &constructs.RegionalWebACLProps{Name: "a", Rules: c.rules})
			}, c.props...)
		})
	}
}

func responses(ofPath constructs.PathResponses) constructs.WebACLRules {
	return constructs.WebACLRules{Responses: constructs.BlockResponses{PerPath: []constructs.PathResponses{ofPath}}}
}

func confirmed(group constructs.ManagedRuleGroup, pattern string, rules ...string) constructs.WebACLRules {
	return constructs.WebACLRules{ConfirmedManagedRules: []constructs.ConfirmedRules{{Group: group, Rules: rules, BodyPatterns: []string{pattern}}}}
}
