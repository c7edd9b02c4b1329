package local

import "testing"

func TestDistributionsOf_FindsDistribution(t *testing.T) {
	found, err := distributionsOf([]byte(`{"Resources": {
		"Log":  {"Type": "AWS::Logs::LogGroup", "Properties": {"DistributionConfig": "no"}},
		"Edge": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Origins": [
			{"DomainName": {"Ref": "X"}, "OriginCustomHeaders": [{"HeaderName": "x-origin-secret", "HeaderValue": "s"}]}]}}}
	}}`))
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, %v", found, err)
	}
	header := found[0].Properties.DistributionConfig.Origins[0].OriginCustomHeaders[0]
	if found[0].id != "Edge" {
		t.Errorf("the id is %q", found[0].id)
	}
	if header.HeaderName != "x-origin-secret" || header.HeaderValue != "s" {
		t.Errorf("got %+v", header)
	}
	if found, err := distributionsOf([]byte("Resources:\n  A: {}\n")); err != nil || len(found) != 0 {
		t.Errorf("a template in YAML: %v, %v", found, err)
	}
}

func TestDynamicReference_MatchesReferencesOnly(t *testing.T) {
	for text, want := range map[string]bool{
		"{{resolve:secretsmanager:loans/origin:SecretString:ORIGIN_SECRET::}}":    true,
		"{{resolve:secretsmanager:loans/origin:SecretString:ORIGIN_SECRET::v-1}}": true,
		"{{resolve:ssm:/loans/origin}}":                                           false,
		"plain":                                                                   false,
	} {
		if got := dynamicReference.MatchString(text); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestOriginHeaders_AreThoseInFrontOfTheAPI(t *testing.T) {
	for host, other := range map[string]bool{
		"a1.execute-api.eu-west-2.amazonaws.com": false,
		"b2.execute-api.eu-west-2.amazonaws.com": true,
		"origin-api.example.com":                 false, // a custom domain may be the API's
		"":                                       false, // an intrinsic function gives it
	} {
		if got := isOtherAPI(host, "a1"); got != other {
			t.Errorf("%q: got %v", host, got)
		}
	}
}
