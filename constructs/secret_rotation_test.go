package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewSecretRotation() {
	stack, output := newStack(), outputDir()
	key := constructs.NewDataKey(stack, "SecretKey", &constructs.DataKeyProps{
		Alias:    "shop/prod/secrets",
		Services: []constructs.KeyService{constructs.KeyServiceSecretsManager},
	})
	jwt := constructs.NewAppSecret(stack, "Jwt", &constructs.AppSecretProps{
		Name:           "shop/prod/jwt",
		Keys:           []constructs.SecretKey{"JWT_SECRET"},
		GenerateLength: 64,
		EncryptionKey:  key.Key,
		Readers:        []string{"shop-prod-sign-in", "shop-prod-rotate-jwt"},
	})
	rotate := constructs.NewLeastPrivilegeFunction(stack, "RotateJwt", &constructs.LeastPrivilegeFunctionProps{
		Name:     "shop-prod-rotate-jwt",
		RoleName: "shop-prod-rotate-jwt",
		Code:     constructs.GoBundle{Package: "./testdata/hello", OutputDir: output},
	})
	constructs.NewSecretRotation(stack, "JwtRotation", &constructs.SecretRotationProps{
		Secret:                 jwt,
		Function:               rotate,
		AutomaticallyAfterDays: 90,
	})
	template := *assertions.Template_FromStack(stack, nil).ToJSON()
	schedule := all(template, "AWS::SecretsManager::RotationSchedule")[0]
	fmt.Println(at(schedule, "Properties", "RotationRules"))
	fmt.Println(statement(template, "JwtRotateKey")["Action"])
	// Output:
	// map[AutomaticallyAfterDays:90]
	// [kms:Decrypt kms:GenerateDataKey]
}

func newJwt(stack awscdk.Stack, readers ...string) *constructs.AppSecret {
	return constructs.NewAppSecret(stack, "Jwt", &constructs.AppSecretProps{
		Name: "jwt", Keys: []constructs.SecretKey{"K"}, EncryptionKey: secretKey(stack).Key, Readers: readers,
	})
}

// rotated is a secret in one stack and its rotation in another.
func rotated(t *testing.T, set func(p *constructs.SecretRotationProps)) map[string]any {
	t.Helper()
	stack := newStack()
	later := elsewhere(stack)
	props := &constructs.SecretRotationProps{
		Secret:   newJwt(stack),
		Function: constructs.NewLeastPrivilegeFunction(later, "Rotate", &constructs.LeastPrivilegeFunctionProps{Name: "rotate", Code: bootstrap(t)}),
	}
	if set != nil {
		set(props)
	}
	constructs.NewSecretRotation(later, "Rotation", props)
	synthSucceeds(t, stack)
	return synth(later)
}

func TestSecretRotation_Defaults_RotatesMonthlyOnSchedule(t *testing.T) {
	schedule := only(t, rotated(t, nil), "AWS::SecretsManager::RotationSchedule")
	equal(t, "rules", at(schedule, "Properties", "RotationRules"), `{"AutomaticallyAfterDays": 30}`)
	equal(t, "now", at(schedule, "Properties", "RotateImmediatelyOnUpdate"), `false`)
	function, _ := at(schedule, "Properties", "RotationLambdaARN", "Fn::GetAtt", 0).(string)
	if !strings.HasPrefix(function, "RotateFunction") {
		t.Errorf("it is rotated by %v", at(schedule, "Properties", "RotationLambdaARN"))
	}
	for _, first := range []string{"LatePolicy", "RotationOfTestJwt"} {
		if waits := fmt.Sprint(schedule["DependsOn"]); !strings.Contains(waits, first) {
			t.Errorf("the schedule waits for %s, not for %s", waits, first)
		}
	}
}

func TestSecretRotation_GivenProps_AreInTheTemplate(t *testing.T) {
	schedule := only(t, rotated(t, func(p *constructs.SecretRotationProps) { p.AutomaticallyAfterDays, p.RotateImmediately = 7, true }), "AWS::SecretsManager::RotationSchedule")
	equal(t, "rules", at(schedule, "Properties", "RotationRules"), `{"AutomaticallyAfterDays": 7}`)
	equal(t, "now", at(schedule, "Properties", "RotateImmediatelyOnUpdate"), `true`)
}

func TestSecretRotation_Permission_IsForThisSecret(t *testing.T) {
	template := rotated(t, nil)
	permission := at(only(t, template, "AWS::Lambda::Permission"), "Properties")
	equal(t, "principal", at(permission, "Principal"), `"secretsmanager.amazonaws.com"`)
	equal(t, "account", at(permission, "SourceAccount"), `"111122223333"`)
	rotate := statement(template, "JwtRotate")
	equal(t, "actions", rotate["Action"], `["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
		"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]`)
	if fmt.Sprint(at(permission, "SourceArn")) != fmt.Sprint(rotate["Resource"]) || rotate["Resource"] == nil {
		t.Errorf("invoked for %v, but allowed %v", at(permission, "SourceArn"), rotate["Resource"])
	}
	key := statement(template, "JwtRotateKey")
	equal(t, "operations", key["Action"], `["kms:Decrypt", "kms:GenerateDataKey"]`)
	if fmt.Sprint(at(key, "Condition", "StringEquals", "kms:EncryptionContext:SecretARN")) != fmt.Sprint(rotate["Resource"]) {
		t.Errorf("the key is allowed under %v", key["Condition"])
	}
}

func TestSecretRotation_InvalidProps_AreRefused(t *testing.T) {
	stack, code := newStack(), bootstrap(t)
	key, keys := secretKey(stack).Key, []constructs.SecretKey{"K"}
	sealed := constructs.NewAppSecret(stack, "Sealed", &constructs.AppSecretProps{
		Name: "sealed", Keys: keys, EncryptionKey: key, Readers: []string{"rotator"},
	})
	named := func(id, role string) *constructs.LeastPrivilegeFunction {
		return constructs.NewLeastPrivilegeFunction(stack, id, &constructs.LeastPrivilegeFunctionProps{Name: id, Code: code, RoleName: role})
	}
	reader, stranger, nameless := named("reader", "rotator"), named("stranger", "stranger"), named("nameless", "")
	emigrant := constructs.NewLeastPrivilegeFunction(abroad(stack), "emigrant", &constructs.LeastPrivilegeFunctionProps{Name: "emigrant", Code: code, RoleName: "rotator"})
	once := constructs.NewAppSecret(stack, "Once", &constructs.AppSecretProps{Name: "once", Keys: keys, EncryptionKey: key})
	constructs.NewSecretRotation(stack, "first", &constructs.SecretRotationProps{Secret: once, Function: stranger})
	cases := map[string]struct {
		props constructs.SecretRotationProps
		wrong []string
	}{
		"twice":                    {constructs.SecretRotationProps{Secret: once, Function: reader}, []string{"Secret"}},
		"from another region":      {constructs.SecretRotationProps{Secret: sealed, Function: emigrant}, []string{"Function"}},
		"nothing":                  {constructs.SecretRotationProps{}, []string{"Secret", "Function"}},
		"every minute":             {constructs.SecretRotationProps{Secret: sealed, Function: reader, AutomaticallyAfterDays: -1}, []string{"AutomaticallyAfterDays"}},
		"never":                    {constructs.SecretRotationProps{Secret: sealed, Function: reader, AutomaticallyAfterDays: 1001}, []string{"AutomaticallyAfterDays"}},
		"by a stranger":            {constructs.SecretRotationProps{Secret: sealed, Function: stranger}, []string{"Function"}},
		"by a role without a name": {constructs.SecretRotationProps{Secret: sealed, Function: nameless}, []string{"Function"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			refused(t, func() { constructs.NewSecretRotation(stack, name, &c.props) }, c.wrong...)
		})
	}
	refused(t, func() { constructs.NewSecretRotation(stack, "none", nil) }, "Secret", "Function")
}
