// Creates transactions at a fixed rate, as the app does after an import of a bank's rows. The thresholds are those of
// the requirement: each request succeeds, and 95 % take less than 500 ms. Environment: URL, TOKEN (an access token; k6
// prints neither), RATE (requests a second, at most 5) and SECONDS (at most 60). A user may send 300 requests a minute.
import http from "k6/http";
import { check } from "k6";

const rate = Math.min(Number(__ENV.RATE || 4), 5);
const seconds = Math.min(Number(__ENV.SECONDS || 30), 60);

export const options = {
  scenarios: {
    transactions: { executor: "constant-arrival-rate", rate, timeUnit: "1s", duration: `${seconds}s`, preAllocatedVUs: 10, maxVUs: 20 },
  },
  thresholds: {
    checks: ["rate>0.99"],
    http_req_failed: ["rate<0.01"],
    http_req_duration: ["p(95)<500"],
    dropped_iterations: ["count<1"], // the stage kept up with the rate
  },
  systemTags: ["status", "name"],
};

export default function () {
  const transaction = {
    amount: -3.5, originalAmount: 3.5, description: `Load ${__VU} ${__ITER}`, category: "Food & Dining", type: "debit",
    date: new Date().toISOString().slice(0, 10) + "T00:00:00.000Z", merchant: "Corner shop", currency: "GBP",
    accountId: "manual", bankName: "Manual Entry", accountType: "Manual Account",
  };
  const response = http.post(`${__ENV.URL}/transactions`, JSON.stringify(transaction), {
    headers: { Authorization: `Bearer ${__ENV.TOKEN}`, "Content-Type": "application/json" },
    tags: { name: "POST /transactions" },
  });
  check(response, {
    "status is 200": (r) => r.status === 200,
    "response time < 500ms": (r) => r.timings.duration < 500,
  });
}
