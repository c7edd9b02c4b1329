package constructs_test

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// shop is what a team's stack looks like: keys, data, secrets, and functions
// that say what they do with them.
type shop struct {
	stack awscdk.Stack
	code  constructs.FunctionCode

	key    *constructs.DataKey
	orders *constructs.SecureTable
	openAI *constructs.AppSecret
	jwt    *constructs.AppSecret
}

func newShop(output string) *shop {
	s := &shop{
		stack: awscdk.NewStack(awscdk.NewApp(nil), jsii.String("shop-prod"), nil),
		code:  constructs.GoBundle{Package: "./testdata/hello", OutputDir: output},
	}
	s.addData()
	s.addFunctions()
	return s
}

func (s *shop) addData() {
	s.key = constructs.NewDataKey(s.stack, "StorageKey", &constructs.DataKeyProps{
		Alias:      "shop-prod/storage",
		Services:   []constructs.KeyService{constructs.KeyServiceDynamoDB, constructs.KeyServiceSecretsManager, constructs.KeyServiceLogs},
		Operations: []constructs.KeyOperation{constructs.GenerateDataKey, constructs.Decrypt},
	})
	s.orders = constructs.NewSecureTable(s.stack, "Orders", &constructs.SecureTableProps{
		Name:          "shop-prod-orders",
		PartitionKey:  constructs.TableKey{Name: "userId"},
		SortKey:       constructs.TableKey{Name: "placedAt", Type: constructs.NumberAttribute},
		Indexes:       []constructs.TableIndex{{Name: "by-status", PartitionKey: constructs.TableKey{Name: "status"}}},
		Stream:        constructs.StreamNewImage,
		EncryptionKey: s.key.Key,
	})
	s.openAI = constructs.NewAppSecret(s.stack, "OpenAI", &constructs.AppSecretProps{
		Name:          "shop-prod/openai",
		Keys:          []constructs.SecretKey{"OPENAI_API_KEY"},
		EncryptionKey: s.key.Key,
	})
	s.jwt = constructs.NewAppSecret(s.stack, "Jwt", &constructs.AppSecretProps{
		Name:           "shop-prod/jwt",
		Keys:           []constructs.SecretKey{"JWT_SECRET"},
		GenerateLength: 64,
		EncryptionKey:  s.key.Key,
	})
}

func (s *shop) addFunctions() {
	failures := awssqs.NewQueue(s.stack, jsii.String("Failures"), &awssqs.QueueProps{
		EncryptionMasterKey: s.key.Key,
		EnforceSSL:          jsii.Bool(true),
	})
	placed := awssns.NewTopic(s.stack, jsii.String("Placed"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})

	advise := s.function("advise", s.openAI.AllowRead())
	s.function("place-order", s.orders.Allow(constructs.PutItem), constructs.AllowPublish(placed), advise.AllowInvoke())
	s.function("open-orders", s.orders.AllowIndex("by-status", constructs.Query), s.jwt.AllowRead())

	constructs.NewTableStreamConsumer(s.stack, "OrdersToProjection", &constructs.TableStreamConsumerProps{
		Table:     s.orders,
		Function:  s.function("project-orders"),
		OnFailure: constructs.FailuresToQueue(failures),
	})
	constructs.NewSecretRotation(s.stack, "JwtRotation", &constructs.SecretRotationProps{
		Secret:   s.jwt,
		Function: s.function("rotate-jwt"),
	})
	constructs.NewRetainedLogGroup(s.stack, "AccessLog", &constructs.RetainedLogGroupProps{
		Name:          "/aws/http-api/shop-prod",
		EncryptionKey: s.key.Key,
	})
}

func (s *shop) function(name string, grants ...constructs.Grant) *constructs.LeastPrivilegeFunction {
	return constructs.NewLeastPrivilegeFunction(s.stack, name, &constructs.LeastPrivilegeFunctionProps{
		Name:   "shop-prod-" + name,
		Code:   s.code,
		Grants: grants,
		LogKey: s.key.Key,
	})
}

func Example() {
	template := *assertions.Template_FromStack(newShop(os.TempDir()).stack, nil).ToJSON()

	count := map[string]int{}
	for _, resource := range template["Resources"].(map[string]any) {
		count[resource.(map[string]any)["Type"].(string)]++
	}
	for _, kind := range slices.Sorted(maps.Keys(count)) {
		fmt.Println(count[kind], kind)
	}
	fmt.Println(len(constructs.UnexplainedWildcards(template)), "wildcards without an explanation")
	// Output:
	// 1 AWS::DynamoDB::Table
	// 2 AWS::IAM::Policy
	// 5 AWS::IAM::Role
	// 1 AWS::KMS::Alias
	// 1 AWS::KMS::Key
	// 5 AWS::Lambda::Alias
	// 1 AWS::Lambda::EventSourceMapping
	// 5 AWS::Lambda::Function
	// 1 AWS::Lambda::Permission
	// 5 AWS::Lambda::Version
	// 6 AWS::Logs::LogGroup
	// 1 AWS::SNS::Topic
	// 1 AWS::SNS::TopicPolicy
	// 1 AWS::SQS::Queue
	// 1 AWS::SQS::QueuePolicy
	// 1 AWS::SecretsManager::RotationSchedule
	// 2 AWS::SecretsManager::Secret
	// 0 wildcards without an explanation
}
