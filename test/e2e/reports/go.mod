// Pins what reports are compared with: the schema of SARIF 2.1.0 and the CRDs of OpenReports. Only a pin: nothing is built.
module gateward.dev/e2e/reports

go 1.26.0

require (
	github.com/openreports/reports-api v0.2.1
	github.com/owenrumney/go-sarif/v3 v3.3.1
)
