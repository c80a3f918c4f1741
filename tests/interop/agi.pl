#!/usr/bin/perl
# A local AGI script on Asterisk::AGI, as many have written.
use strict;
use warnings;
use Asterisk::AGI;

my $agi = Asterisk::AGI->new;
my %input = $agi->ReadParse();
$agi->set_variable("GOT", $input{extension} . "/" . $input{arg_1});
$agi->verbose("from perl", 1);
my $value = $agi->get_variable("GIVEN");
$agi->exec("UserEvent", "Perl,Given: $value,Status: " . $agi->channel_status());
$agi->database_put("perl", "key", "kept");
my $back = $agi->database_get("perl", "key");
$agi->set_variable("BACK", $back);
$agi->stream_file("beep");
