// Package contract checks the backend against the contract with the installed app,
// api/openapi.yaml: the responses of the API, the requests to it, and the operations
// that it implements. It also makes valid and invalid request bodies from the
// contract's schemas.
//
// Tests of the contract stand in three folders, by what they need:
//
//   - test/contract compares the routes in the function declarations with the
//     operations of the contract and with the list of those that are built
//     (routes_test.go), and tests this package.
//   - lambdas decodes and validates request bodies of the contract as the functions
//     do (contract_requests_test.go). It uses lambdas/internal/validation, which Go
//     allows only below lambdas. It compares the types of responses with the contract
//     (contract_responses_test.go), for which it uses lambdas/internal/dates.
//   - test/e2e sends requests to a deployed stage (contract_test.go). It checks every
//     response, and that each implemented operation returned each status of the
//     contract. It needs minutes, so the fast tests leave it out.
package contract
