// Command misuse does not compile. Each line that ends in "want" is a mistake
// the compiler must find; TestMisuse_WrongTypes_DoNotCompile reads what it says.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func main() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), nil, nil)
	table := constructs.NewSecureTable(stack, "Orders", &constructs.SecureTableProps{
		PointInTimeRecovery: false,      // want "unknown field PointInTimeRecovery"
		Encryption:          "DEFAULT",  // want "unknown field Encryption"
		SortKey:             "placedAt", // want "cannot use \"placedAt\""
	})

	table.Allow(constructs.Decrypt)                              // want "cannot use constructs.Decrypt"
	table.GrantReadWriteData(nil)                                // want "table.GrantReadWriteData undefined"
	table.AllowIndex(constructs.Query)                           // want "cannot use constructs.Query"
	table.AllowStream(constructs.GetItem)                        // want "too many arguments"
	constructs.AllowUserPool(nil, constructs.GetItem)            // want "cannot use constructs.GetItem"
	constructs.AllowSchedules(nil, nil, constructs.AdminGetUser) // want "cannot use constructs.AdminGetUser"
	constructs.AllowKey(table, constructs.Decrypt)               // want "cannot use table"

	constructs.NewLeastPrivilegeFunction(stack, "Place", &constructs.LeastPrivilegeFunctionProps{
		Role:            nil,                                             // want "unknown field Role"
		ManagedPolicies: nil,                                             // want "unknown field ManagedPolicies"
		Grants:          []string{"dynamodb:*"},                          // want "cannot use []string"
		Code:            "./bin",                                         // want "cannot use \"./bin\""
		Timeout:         "30s",                                           // want "cannot use \"30s\""
		Async:           &constructs.AsyncInvocation{OnFailure: "queue"}, // want "cannot use \"queue\""
	})
	constructs.NewAppSecret(stack, "OpenAI", &constructs.AppSecretProps{
		SecretString: "sk-live-1", // want "unknown field SecretString"
	})
	constructs.NewSecretRotation(stack, "Rotation", &constructs.SecretRotationProps{
		Secret: table, // want "cannot use table"
	})
}
