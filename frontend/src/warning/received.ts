import '../../css/registers.css';
import '../../css/signals.css';
import '../../css/received.css';
import '../console';
