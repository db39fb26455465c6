import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The columns that the queries use, in the tables that Azure Monitor has them in. */
const tables: Readonly<Record<string, string>> = {
  AppTraces:
    "(TimeGenerated: datetime, Message: string, SeverityLevel: int, OperationId: string, Properties: dynamic)",
  AppRequests:
    "(TimeGenerated: datetime, Name: string, Success: bool, DurationMs: real, OperationId: string, Properties: dynamic)",
  AppDependencies:
    "(TimeGenerated: datetime, Name: string, Success: bool, DurationMs: real, OperationId: string, Properties: dynamic)",
  AzureActivity:
    "(TimeGenerated: datetime, CorrelationId: string, OperationNameValue: string, ActivityStatusValue: string, Caller: string)",
  StorageBlobLogs:
    "(TimeGenerated: datetime, AccountName: string, OperationName: string, StatusCode: string, Uri: string, RequesterObjectId: string, RequesterUpn: string, AuthenticationType: string, CallerIpAddress: string)",
  AADManagedIdentitySignInLogs:
    "(TimeGenerated: datetime, ServicePrincipalId: string, ServicePrincipalName: string, ResourceDisplayName: string, IPAddress: string, ResultType: string)",
};

let language: any;

/** What Microsoft's own parser says against a query; nothing when it is well. */
export function kustoFaults(query: string): string[] {
  language ??= load();
  const { KustoCode, globals } = language;
  const diagnostics = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: diagnostics.Count }, (_, index) => String(diagnostics.getItem(index).Message));
}

function load(): any {
  // The library is C# turned into scripts that leave their names in the global object.
  require("@kusto/language-service-next/bridge.min.js");
  require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
  const { KustoCode, GlobalState, Symbols } = (globalThis as any).Kusto.Language;
  const symbols = Object.entries(tables).map(([name, columns]) =>
    Symbols.TableSymbol.From(columns).WithName(name),
  );
  const database = new Symbols.DatabaseSymbol.ctor("workspace", null, false).AddMembers(symbols);
  return { KustoCode, globals: GlobalState.Default.WithDatabase(database) };
}
