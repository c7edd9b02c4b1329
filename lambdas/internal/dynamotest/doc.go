// Package dynamotest gives tests a DynamoDB that evaluates expressions: the
// engine of the local stage, without the stage. What consists of conditional
// writes is tested on it, not on a fake that would repeat our idea of them.
//
//	func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }
//
//	db := dynamotest.Client(t)
//	name := dynamotest.Table(t, tables.Users)
package dynamotest
