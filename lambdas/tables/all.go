package tables

// All returns every table of the backend, in the order in which they are built.
func All() []*Table {
	return []*Table{
		Users, UserEmails, RateLimits, RevokedTokens, IdempotencyRecords, LoginAttempts, AccountDeletions, SecurityEvents, SignIns, Devices,
		UserProgress, Jobs, SecuritySettings, UserIdentities, DataErasures, CleanupProgress, AccountRecoveries, Quotas, Entitlements,
		Goals, Budgets, NotificationHistory, Achievements, Transactions, TransactionFigures,
		CategoryRules, PendingImports, CreditRecords, Statements, AIChatHistory, AIUsageTracking, NotificationSettings,
		Briefs, Bills, Deliveries, ProactiveAlerts,
	}
}
