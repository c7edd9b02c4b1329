package config

import "fmt"

// Concurrency bounds functions by reserved concurrency: how many environments of a function run at once, at
// most and at any time. What it reserves, no other function can use.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
type Concurrency struct {
	// Quota is the account's quota "Concurrent executions" of Lambda. New accounts may have 10; read it with
	// aws lambda get-account-settings.
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	Quota int
	// Public is reserved for each function with a public route, which a stranger can call without an account.
	// Zero reserves nothing.
	Public int
	// Consumer is reserved for each function that takes messages or changes, which a backlog could run in
	// large numbers. Its queues give it as many batches at once. Zero reserves nothing.
	Consumer int
}

// MinUnreserved is how much of its quota an account cannot reserve.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html#configuring-concurrency-reserved
const MinUnreserved = 100

// Reserved returns what functions of these numbers reserve together.
func (c Concurrency) Reserved(public, consumers int) int {
	return public*c.Public + consumers*c.Consumer
}

// Check returns an error if the account's quota is too small for functions of these numbers.
func (c Concurrency) Check(public, consumers int) error {
	reserved := c.Reserved(public, consumers)
	if reserved == 0 || reserved+MinUnreserved <= c.Quota {
		return nil
	}
	return fmt.Errorf("config: Functions.Concurrency: %d functions with public routes and %d consumers reserve %d, and %d must stay unreserved, "+
		"but the account's quota is %d: request %d for Lambda's quota L-B99A9384 in Service Quotas and put it into Quota, or lower Public and Consumer; 0 reserves nothing",
		public, consumers, reserved, MinUnreserved, c.Quota, reserved+MinUnreserved)
}

func (v *validation) concurrency(c Concurrency) {
	v.check(c.Quota >= 10, "Functions.Concurrency.Quota", "%d: Lambda gives an account 10 at least; aws lambda get-account-settings shows it", c.Quota)
	v.check(c.Public >= 0, "Functions.Concurrency.Public", "%d: use 0 for none, or more", c.Public)
	v.check(c.Consumer == 0 || c.Consumer >= 2, "Functions.Concurrency.Consumer", "%d: a queue gives its consumer at least 2 batches at once; use 0 for none, or more", c.Consumer)
}
