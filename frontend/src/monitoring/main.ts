import '../../css/registers.css';
import '../../css/monitoring.css';
import '../console';
import { startList } from '../registers/list';

startList();
