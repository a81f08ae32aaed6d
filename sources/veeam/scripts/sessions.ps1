# Backup and replica sessions that overlap a span, the tasks of some VMs in them, and their logs.
# The cmdlet has no filter on time (VBR 9.5 to 12). VBR stamps in its local time, with 1900 for
# "not yet"; .Logger is not documented, VeeamHub's scripts read it (BR-MorningReport.ps1).
try { Import-Module Veeam.Backup.PowerShell -DisableNameChecking -WarningAction SilentlyContinue } catch { Add-PSSnapin VeeamPSSnapin }
function T($t) { [datetime]::Parse($t, [Globalization.CultureInfo]::InvariantCulture).ToUniversalTime() }
function U($t) { if ($t -and $t.Year -gt 1990) { $t.ToUniversalTime().ToString('o') } }
function Z($t) { if ($t) { U ([datetime]::SpecifyKind($t, 'Utc')) } }
$names = $P.Names -split "`n"
$from = T $P.Start
$to = T $P.End
$all = @(Get-VBRBackupSession | Where-Object { (U $_.CreationTime) -and $_.CreationTime.ToUniversalTime() -lt $to -and $(if (U $_.EndTime) { $_.EndTime.ToUniversalTime() -gt $from } else { [string]$_.State -ne 'Stopped' }) })
$logs = @{}
$r = @{logs = $logs}
$r.sessions = @(foreach ($s in $all) { @{id = [string]$s.Id; job = [string]$s.JobName; type = [string]$s.Info.JobType; state = [string]$s.State; start = (U $s.CreationTime); end = (U $s.EndTime)} })
$r.tasks = @(foreach ($s in $all) {
        foreach ($t in @(Get-VBRTaskSession -Session $s)) {
            if ($names -contains $t.Name) {
                $i = [string]$t.Id
                $logs[$i] = @(foreach ($l in $t.Logger.GetLog().UpdatedRecords) { @{title = [string]$l.Title; status = [string]$l.Status; start = (U $l.StartTime); update = (U $l.UpdateTime)} })
                @{id = $i; session = [string]$s.Id; name = $t.Name; status = [string]$t.Status; start = (Z $t.Progress.StartTimeUtc); end = (Z $t.Progress.StopTimeUtc)}
            }
        }
    })
