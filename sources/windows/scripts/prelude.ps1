# Stands before every script. PowerShell 2.0 (Windows Server 2008 R2) has no ConvertTo-Json, and the
# later ones unroll lists of one, print enums as numbers and dates as /Date(n)/, so JSON is written
# here: ASCII only, which no code page can spoil. Scripts leave their answer in $r, made of hash
# tables, lists, text, [bool] and [long]; their parameters, always text, are in $P. What W makes of an
# error: `code` is what Windows said at the root of it, 5 is access denied, in any language.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
function D($t) { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($t)) }
function J($v) {
    if ($null -eq $v) { 'null' }
    elseif ($v -is [bool]) { if ($v) { 'true' } else { 'false' } }
    elseif ($v -is [long]) { $v.ToString([Globalization.CultureInfo]::InvariantCulture) }
    elseif ($v -is [Collections.IDictionary]) { '{' + (@(foreach ($k in $v.Keys) { (J ([string]$k)) + ':' + (J $v[$k]) }) -join ',') + '}' }
    elseif ($v -is [Collections.IList]) { '[' + (@(foreach ($e in $v) { J $e }) -join ',') + ']' }
    else { '"' + [regex]::Replace([string]$v, '[^ !#-\[\]-~]', { param($m) '\u{0:x4}' -f [int][char]$m.Value }) + '"' }
}
function Say($ok, $v) { [Console]::Out.WriteLine((J @{ok = $ok; data = $v})) }
function W($x) {
    $e = $x.Exception
    while ($e.InnerException) { $e = $e.InnerException }
    $n = $null
    if ($e -is [ComponentModel.Win32Exception]) { $n = [long]$e.NativeErrorCode }
    elseif ($e -is [UnauthorizedAccessException]) { $n = [long]5 }
    @{kind = $x.FullyQualifiedErrorId; text = $e.Message; code = $n}
}
