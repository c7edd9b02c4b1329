// Package dynamotest gives tests a DynamoDB that evaluates expressions: the engine of
// the local stage, without the stage. Code with conditional writes is tested on the
// engine, because a fake would repeat the code's own assumptions.
//
//	func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }
//
//	db := dynamotest.Client(t)
//	name := dynamotest.Table(t, tables.Users)
package dynamotest
