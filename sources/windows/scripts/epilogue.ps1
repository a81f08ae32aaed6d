# Stands around every script, %BODY% being the script. `code` is what Windows said at the root of
# it: 5 is access denied, in any language.
try {
%BODY%
Say $true $r
} catch {
    $e = $_.Exception
    while ($e.InnerException) { $e = $e.InnerException }
    $n = $null
    if ($e -is [ComponentModel.Win32Exception]) { $n = [long]$e.NativeErrorCode }
    elseif ($e -is [UnauthorizedAccessException]) { $n = [long]5 }
    Say $false @{kind = $_.FullyQualifiedErrorId; text = $e.Message; code = $n}
}
