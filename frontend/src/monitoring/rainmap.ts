import '../console';
